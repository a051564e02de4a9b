export { codes } from './codes.js';
export type { DiagnosticCode } from './codes.js';
export { compile } from './compile.js';
export type { CompileOptions, CompileResult } from './compile.js';
export type { Diagnostic, DiagnosticNote } from './diagnostic.js';
export { diskHost } from './disk-host.js';
export { memoryHost } from './file-host.js';
export type { FileHost } from './file-host.js';
export { format } from './format/format.js';
export type { FormatOptions, FormatResult } from './format/format.js';
export { diagnosticRecord, formatDiagnostic } from './format-diagnostic.js';
export type { DiagnosticRecord } from './format-diagnostic.js';
export { preprocessedText } from './preprocessed-text.js';
export { resolveTypedefs } from './model.js';
export type {
  ConstantModel,
  ConstantValue,
  Definition,
  EnumModel,
  EnumeratorModel,
  Extensibility,
  MemberModel,
  Model,
  ModelFile,
  PrimitiveName,
  StructModel,
  Type,
  TypedefModel,
} from './model.js';
export type { Position, SourceFile, Span } from './source.js';
