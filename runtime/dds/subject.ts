/** An attribute of the subject of a certificate: `CN`, `feed-1`. */
export interface Attribute {
  readonly name: string;
  readonly value: string;
}

/** The attributes of a subject as the transport tells it: `O=Tower, CN=feed-1`, several of one level with `+` between, `\` before what would be taken for these. */
export function attributesOf(subject: string): Attribute[] {
  return split(subject).flatMap((text) => {
    const equals = text.indexOf('=');
    if (equals < 0) return [];
    return { name: text.slice(0, equals), value: unescape(text.slice(equals + 1)) };
  });
}

/** At `, ` and ` + `, unless a backslash stands before them. */
function split(subject: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < subject.length; at++) {
    if (subject[at] === '\\') at++;
    else if (subject.startsWith(', ', at) || subject.startsWith(' + ', at)) {
      parts.push(subject.slice(from, at));
      at += subject[at] === ',' ? 1 : 2;
      from = at + 1;
    }
  }
  parts.push(subject.slice(from));
  return parts;
}

function unescape(value: string): string {
  return value.replaceAll(/\\([0-9A-F]{2}|.)/gs, (_, escaped: string) =>
    escaped.length === 2 ? String.fromCharCode(Number.parseInt(escaped, 16)) : escaped,
  );
}
