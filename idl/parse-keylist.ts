import type { DiagnosticLog } from './diagnostic.js';
import type { Identifier } from './expression-syntax.js';
import { spanTo } from './source.js';
import type { KeylistSyntax } from './syntax.js';
import type { Token } from './token.js';
import { identifierOf } from './token.js';

/**
 * `#pragma keylist Type a b.c`: the keys of a struct, as they were told before there was `@key`. `undefined` after reporting
 * where it is malformed.
 */
export function parseKeylist({ span, pragma = [] }: Token, log: DiagnosticLog): KeylistSyntax | undefined {
  const [typeNames, typeEnd] = names(pragma, 0, '::');
  const keys: Identifier[][] = [];
  let at = typeEnd;
  while (at < pragma.length && typeNames.length > 0) {
    if (pragma[at]!.text === ',' && keys.length > 0) at++;
    const [path, end] = names(pragma, at, '.');
    if (path.length === 0) break;
    keys.push(path);
    at = end;
  }
  if (typeNames.length === 0 || at < pragma.length) {
    const message =
      'A keylist is the name of a struct and the names of its keys, as in #pragma keylist Flight id.';
    log.report('IDL1010', pragma[at]?.span ?? span, message);
    return undefined;
  }
  const target = {
    absolute: pragma[0]!.text === '::',
    parts: typeNames,
    span: spanTo(typeNames[0]!.span, typeNames.at(-1)!.span),
  };
  return { kind: 'keylist', annotations: [], target, keys, span };
}

/** Names with a sign between, and where they end. */
function names(tokens: readonly Token[], start: number, sign: string): [Identifier[], number] {
  const found: Identifier[] = [];
  let at = sign === '::' && tokens[start]?.text === '::' ? start + 1 : start;
  for (;;) {
    const token = tokens[at];
    if (token?.kind !== 'identifier') return [[], at];
    found.push(identifierOf(token));
    at++;
    if (tokens[at]?.text !== sign) return [found, at];
    at++;
  }
}
