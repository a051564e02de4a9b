/** The value of an integer literal: decimal, `0` octal, `0x` hexadecimal. */
export function parseInteger(text: string): bigint {
  // BigInt of a million digits takes seconds; nothing above 64 bits is a value of any IDL type.
  if (text.length > 64) return 1n << 200n;
  return BigInt(/^0[0-7]+$/.test(text) ? `0o${text}` : text);
}

const named: Readonly<Record<string, number>> = {
  n: 10,
  t: 9,
  v: 11,
  b: 8,
  r: 13,
  f: 12,
  a: 7,
  '\\': 92,
  '?': 63,
  "'": 39,
  '"': 34,
};

const escape = /\\(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3})|([ntvbrfa\\?'"]))|\\|[^\\]/suy;

/** The text of a string literal with its escapes resolved; `undefined` for an escape that IDL does not know. */
export function parseString(text: string): string | undefined {
  const parts: string[] = [];
  let at = 0;
  while (at < text.length) {
    const plain = text.indexOf('\\', at);
    if (plain !== at) {
      const end = plain < 0 ? text.length : plain;
      parts.push(text.slice(at, end));
      at = end;
      continue;
    }
    escape.lastIndex = at;
    const [whole, hex, octal, letter] = escape.exec(text)!;
    if (hex !== undefined) parts.push(String.fromCharCode(parseInt(hex, 16)));
    else if (octal !== undefined) parts.push(String.fromCharCode(parseInt(octal, 8) & 0xff));
    else if (letter !== undefined) parts.push(String.fromCharCode(named[letter]!));
    else return undefined;
    at += whole.length;
  }
  return parts.join('');
}

/** The code of a character literal (ISO 8859-1); `undefined` where it is not one such character. */
export function parseCharacter(text: string): number | undefined {
  const value = parseString(text);
  return value?.length === 1 && value.charCodeAt(0) <= 0xff ? value.charCodeAt(0) : undefined;
}
