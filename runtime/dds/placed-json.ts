/** A JSON text that is none, or has a value that is not wanted, and where. */
export class JsonPlaceError extends Error {
  override readonly name = 'JsonPlaceError';
  readonly line: number;
  readonly column: number;

  constructor(text: string, at: number, message: string) {
    super(message);
    const before = text.slice(0, at).split('\n');
    this.line = before.length;
    this.column = before.at(-1)!.length + 1;
  }
}

const depthMax = 16;
const space = /[ \t\n\r]*/y;
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)(?!\w)/y;
const string = /"(?:[^"\\]|\\.)*"/y;

/** JSON (RFC 8259), read strictly: no member of an object twice, nothing nested deeper than a person writes; and it is known where each value stands. */
export class PlacedJson {
  readonly value: unknown;
  readonly #text: string;
  /** Where a value begins, by its path: `rules[0].who.CN`; the whole is `''`. */
  readonly #places = new Map<string, number>();
  #at = 0;

  /** @throws JsonPlaceError */
  constructor(text: string) {
    this.#text = text;
    this.value = this.#readValue('', 0);
    if (this.#at < text.length) throw this.#unexpected('the end');
  }

  /** What is to be said of the value at `path`, or of the nearest one around it. */
  errorAt(path: string, message: string): JsonPlaceError {
    let known = path;
    while (!this.#places.has(known)) known = known.replace(/(?:^|\.)[^.[]*$|\[\d+\]$/, '');
    return new JsonPlaceError(this.#text, this.#places.get(known)!, message);
  }

  #readValue(path: string, depth: number): unknown {
    this.#skip(space);
    this.#places.set(path, this.#at);
    if (depth > depthMax) throw this.#wrong(`is nested deeper than ${depthMax}`);
    const first = this.#text[this.#at];
    let value: unknown;
    if (first === '{') value = this.#readObject(path, depth);
    else if (first === '[') value = this.#readArray(path, depth);
    else if (first === '"') value = this.#readString();
    else value = this.#readScalar();
    this.#skip(space);
    return value;
  }

  #readObject(path: string, depth: number): object {
    const entries = new Map<string, unknown>();
    this.#readList('}', () => {
      this.#skip(space);
      const at = this.#at;
      const name = this.#readString();
      if (entries.has(name))
        throw new JsonPlaceError(this.#text, at, `${JSON.stringify(name)} is there twice`);
      this.#skip(space);
      this.#take(':');
      entries.set(name, this.#readValue(path === '' ? name : `${path}.${name}`, depth + 1));
    });
    return Object.fromEntries(entries);
  }

  #readArray(path: string, depth: number): unknown[] {
    const values: unknown[] = [];
    this.#readList(']', () => {
      values.push(this.#readValue(`${path}[${values.length}]`, depth + 1));
    });
    return values;
  }

  /** What stands between brackets, with commas between. */
  #readList(end: string, readItem: () => void): void {
    this.#at++;
    this.#skip(space);
    if (this.#text[this.#at] !== end)
      for (;;) {
        readItem();
        if (this.#text[this.#at] !== ',') break;
        this.#at++;
      }
    this.#take(end);
  }

  #readString(): string {
    const at = this.#at;
    const token = this.#skip(string);
    if (token === '') throw this.#unexpected('a text in quotation marks');
    try {
      return JSON.parse(token) as string;
    } catch {
      throw new JsonPlaceError(
        this.#text,
        at,
        'a text has a character or an escape in it that JSON does not know',
      );
    }
  }

  #readScalar(): unknown {
    const token = this.#skip(scalar);
    if (token === '') throw this.#unexpected('a value');
    return JSON.parse(token);
  }

  #take(expected: string): void {
    if (this.#text[this.#at] !== expected) throw this.#unexpected(`'${expected}'`);
    this.#at++;
  }

  #skip(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const token = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += token.length;
    return token;
  }

  #unexpected(expected: string): JsonPlaceError {
    const found = this.#text[this.#at];
    return this.#wrong(
      `expected ${expected}, found ${found === undefined ? 'the end' : JSON.stringify(found)}`,
    );
  }

  #wrong(message: string): JsonPlaceError {
    return new JsonPlaceError(this.#text, this.#at, message);
  }
}
