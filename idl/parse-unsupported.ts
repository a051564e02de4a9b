import type { Identifier } from './expression-syntax.js';
import { identifierOf } from './token.js';
import type { TokenStream } from './token-stream.js';

/** By the word that starts it: what is valid IDL and not taken, and what to do. None of these words is a keyword here. */
const unsupported: ReadonlyMap<string, string> = new Map([
  ['native', 'Native types are not supported: nothing is known of what they hold'],
  ['component', 'Components are not supported: Bowecho carries data; declare structs'],
  ['porttype', 'Port types are not supported: Bowecho carries data; declare structs'],
  ['connector', 'Connectors are not supported: Bowecho carries data; declare structs'],
  ['home', 'Homes are not supported: Bowecho carries data; declare structs'],
  ['eventtype', 'Event types are not supported: use a struct'],
  ['typeid', "'typeid' is not supported: remove it"],
  ['typeprefix', "'typeprefix' is not supported: remove it"],
  ['import', "'import' is not supported: use #include"],
]);
const modifiers = ['abstract', 'custom'];

/**
 * Reads over a definition that is valid IDL and not supported, and reports it. Returns the names that it declares, or
 * `undefined` where no such definition stands here.
 */
export function parseUnsupported(stream: TokenStream): Identifier[] | undefined {
  if (modifiers.includes(stream.token.text) && stream.peek(1).text === 'eventtype') stream.next();
  const start = stream.token;
  const message = start.kind === 'identifier' ? unsupported.get(start.text) : undefined;
  if (message === undefined) return undefined;
  stream.next();
  const { token } = stream;
  const isName = token.kind === 'identifier';
  stream.log.report('IDL5001', isName ? token.span : start.span, `${message}.`);
  stream.recover();
  stream.accept(';');
  // These name what is declared elsewhere.
  const declares = !start.text.startsWith('type') && start.text !== 'import';
  return isName && declares ? [identifierOf(token)] : [];
}
