const shownCharactersMax = 60;

/** A value as a message quotes it: short whatever it is, since it may come from another process. */
export function show(value: unknown): string {
  const text = quote(value);
  return text.length <= shownCharactersMax ? text : `${text.slice(0, shownCharactersMax - 1)}…`;
}

function quote(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `'${value.slice(0, shownCharactersMax)}'`;
    case 'number':
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'bigint':
      return `${value}n`;
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? list(value) : 'an object';
    default:
      return `a ${typeof value}`;
  }
}

function list(items: readonly unknown[]): string {
  const first = items.slice(0, 4).map((item) => (Array.isArray(item) ? 'a list' : quote(item)));
  return `[${first.join(', ')}${items.length > first.length ? ', …' : ''}]`;
}
