import type { Identifier } from './syntax.js';
import type { TokenStream } from './token-stream.js';

const unsupported: ReadonlyMap<string, string> = new Map([
  ['union', 'Unions are not supported yet: use a struct with an enum and @optional members'],
  ['bitmask', 'Bitmasks are not supported yet: use an unsigned integer and constants'],
  ['bitset', 'Bitsets are not supported yet: use a struct'],
  ['interface', 'Interfaces are not supported: Bowecho carries data; declare structs'],
  ['exception', 'Exceptions are not supported: Bowecho carries data; declare a struct'],
  ['valuetype', 'Value types are not supported: use a struct'],
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
const modifiers = ['abstract', 'local', 'custom'];

/**
 * Reads over a definition that is valid IDL and not supported, and reports it. Returns the names that it declares, or
 * `undefined` where no such definition stands here.
 */
export function parseUnsupported(stream: TokenStream): Identifier[] | undefined {
  const start = stream.token.span;
  if (stream.is('@') && stream.peek(1).text === 'annotation') {
    stream.next();
    stream.next();
    return skip(stream, 'Declaring annotations is not supported yet: remove it');
  }
  if (modifiers.includes(stream.token.text) && unsupported.has(stream.peek(1).text)) stream.next();
  const message = stream.token.kind === 'identifier' ? unsupported.get(stream.token.text) : undefined;
  if (message === undefined) return undefined;
  stream.next();
  return skip(stream, message);

  function skip(tokens: TokenStream, text: string): Identifier[] {
    const { token } = tokens;
    const isName = token.kind === 'identifier';
    tokens.log.report('IDL5001', isName ? token.span : start, `${text}.`);
    tokens.recover();
    tokens.accept(';');
    return isName ? [{ text: token.text.replace(/^_(?=.)/, ''), span: token.span }] : [];
  }
}
