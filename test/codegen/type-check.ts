import ts from 'typescript';

/** The strictest settings that there are. */
const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
  types: [],
  strict: true,
  noEmit: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  noImplicitReturns: true,
  noImplicitOverride: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  skipLibCheck: true,
};

/** What the TypeScript compiler has to say of files. */
export function problems(files: readonly string[]): string[] {
  const program = ts.createProgram([...files], { ...options, erasableSyntaxOnly: true });
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const where = file && start !== undefined ? file.text.slice(start, start + 60) : '';
    return `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}: ${where}`;
  });
}
