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

const escape = /\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|([0-7]{1,3})|([ntvbrfa\\?'"]))|\\[^]?/y;

/** What is wrong with a literal, as the end of a sentence. */
export interface LiteralProblem {
  readonly problem: string;
}

/** The text of a string literal with its escapes resolved. */
export function parseString(text: string): string | LiteralProblem {
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
    const [whole, hex, unicode, octal, letter] = escape.exec(text)!;
    const code =
      hex !== undefined
        ? parseInt(hex, 16)
        : unicode !== undefined
          ? parseInt(unicode, 16)
          : octal !== undefined
            ? parseInt(octal, 8)
            : letter !== undefined
              ? named[letter]!
              : -1;
    if (code < 0) return { problem: `${whole} is no escape that IDL knows: write \\\\ for a \\` };
    if (octal !== undefined && code > 0xff) return { problem: `${whole} is above \\377` };
    parts.push(String.fromCharCode(code));
    at += whole.length;
  }
  return parts.join('');
}

/** The code of a character literal (ISO 8859-1, or a UTF-16 unit where it is wide). */
export function parseCharacter(text: string, wide = false): number | LiteralProblem {
  const value = parseString(text);
  if (typeof value !== 'string') return value;
  if (value.length === 1 && (wide || value.charCodeAt(0) <= 0xff)) return value.charCodeAt(0);
  if (value.length === 0) return { problem: 'it holds no character' };
  if (value.length > 1) return { problem: 'it holds more than one character' };
  return { problem: 'it is not in ISO 8859-1: write it as a wide one (L before it)' };
}

/** Whether a text has a `\u` escape, which is for wide literals. */
export function hasUnicodeEscape(text: string): boolean {
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', at + 2)) {
    if (text[at + 1] === 'u') return true;
  }
  return false;
}
