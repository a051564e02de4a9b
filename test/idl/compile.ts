import type { CompileOptions, CompileResult } from '../../idl/index.js';
import { compile, memoryHost } from '../../idl/index.js';

/** Compiles texts by path; the first is the one named. */
export function compileText(
  files: string | Readonly<Record<string, string | Uint8Array>>,
  options: Omit<CompileOptions, 'files' | 'host'> = {},
): CompileResult {
  const all = typeof files === 'string' ? { 'a.idl': files } : files;
  return compile({ files: [Object.keys(all)[0]!], host: memoryHost(all), ...options });
}

/** What was found, such as `IDL2002 3:7`. */
export function found({ diagnostics }: CompileResult): string[] {
  return diagnostics.map(({ code, span }) => {
    const { line, column } = span.file.locate(span.offset);
    return `${code} ${line}:${column}`;
  });
}

/** The codes of what was found. */
export function codesOf(result: CompileResult): string[] {
  return result.diagnostics.map(({ code }) => code);
}
