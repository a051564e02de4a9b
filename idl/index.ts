export { codes } from './codes.js';
export type { DiagnosticCode, WarningCode } from './codes.js';
export { compile } from './compile.js';
export type { CompileOptions, CompileResult } from './compile.js';
export type { Diagnostic, DiagnosticNote, WarningPolicy } from './diagnostic.js';
export { diskHost } from './disk-host.js';
export { memoryHost } from './file-host.js';
export type { FileHost } from './file-host.js';
export { format } from './format/format.js';
export type { FormatOptions, FormatResult } from './format/format.js';
export { diagnosticRecord, formatDiagnostic } from './format-diagnostic.js';
export type { DiagnosticRecord, PlaceRecord } from './format-diagnostic.js';
export { allFields, allMembers, resolveTypedefs } from './model.js';
export type {
  AnnotationModel,
  AnnotationValue,
  AppliedAnnotation,
  AttributeModel,
  AutoId,
  BitfieldModel,
  BitmaskModel,
  BitsetModel,
  ConstantModel,
  DataRepresentation,
  Definition,
  EnumModel,
  EnumeratorModel,
  ExceptionModel,
  Extensibility,
  FlagModel,
  InterfaceModel,
  MemberModel,
  Model,
  ModelFile,
  OperationModel,
  ParameterModel,
  StructModel,
  TypedefModel,
  UnionCaseModel,
  UnionModel,
  ValuetypeModel,
} from './model.js';
export type { Position, SourceFile, Span } from './source.js';
export type { ConstantValue, ElementModel, PrimitiveName, TryConstruct, Type } from './type.js';
export { preprocessedText } from './preprocessed-text.js';
