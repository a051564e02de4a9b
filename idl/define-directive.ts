import type { DiagnosticLog } from './diagnostic.js';
import type { Macro } from './macros.js';
import type { Token } from './token.js';

/** The macro that a `#define` makes; `undefined` after reporting where it is malformed. */
export function parseDefine(directive: Token, rest: readonly Token[], log: DiagnosticLog): Macro | undefined {
  const [name, next] = rest;
  if (name?.kind !== 'identifier') {
    log.report('IDL1010', directive.span, '#define takes a name and, if wanted, a text for it.');
    return undefined;
  }
  if (name.text === 'defined' || name.text === '__VA_ARGS__') {
    log.report('IDL1010', name.span, `A macro cannot be called '${name.text}'.`);
    return undefined;
  }
  const { text, span } = name;
  // Only a bracket that touches the name makes parameters: `#define N (3)` has none.
  const touching = next?.span.offset === span.offset + span.length;
  if (next?.text !== '(' || next.kind !== 'punctuation' || !touching) {
    const body = rest.slice(1);
    return isPasteable(body, log) ? { name: text, body, span } : undefined;
  }
  const end = rest.findIndex((token) => token.text === ')' && token.kind === 'punctuation');
  const parameters = parseParameters(rest.slice(2, end < 0 ? undefined : end));
  if (end < 0 || parameters === undefined) {
    const message = `The parameters of the macro '${text}' are malformed: write them as in ${text}(a, b).`;
    log.report('IDL1010', span, message);
    return undefined;
  }
  const body = rest.slice(end + 1);
  if (!isPasteable(body, log) || !isStringizable(body, parameters, log)) return undefined;
  return { name: text, parameters, body, span };
}

function parseParameters(tokens: readonly Token[]): string[] | undefined {
  const names: string[] = [];
  if (tokens.length === 0) return names;
  let at = 0;
  for (;;) {
    if (tokens.slice(at, at + 3).every(({ text }) => text === '.') && tokens.length - at === 3) {
      return [...names, '__VA_ARGS__'];
    }
    const token = tokens[at];
    if (token?.kind !== 'identifier' || names.includes(token.text)) return undefined;
    names.push(token.text);
    if (at + 1 === tokens.length) return names;
    if (tokens[at + 1]!.text !== ',') return undefined;
    at += 2;
  }
}

function isPasteable(body: readonly Token[], log: DiagnosticLog): boolean {
  for (const token of [body[0], body.at(-1)]) {
    if (token?.text !== '##' || token.kind !== 'punctuation') continue;
    log.report('IDL1010', token.span, "'##' joins what stands on both sides of it: one is missing.");
    return false;
  }
  return true;
}

function isStringizable(body: readonly Token[], parameters: readonly string[], log: DiagnosticLog): boolean {
  for (const [i, token] of body.entries()) {
    if (token.text !== '#' || token.kind !== 'punctuation') continue;
    if (parameters.includes(body[i + 1]?.text ?? '')) continue;
    log.report('IDL1010', token.span, "'#' makes a string of a parameter: name one after it.");
    return false;
  }
  return true;
}
