/** Lines of generated code, indented by their blocks. */
export class CodeLines {
  readonly #lines: string[] = [];
  #depth: number;

  constructor(depth = 1) {
    this.#depth = depth;
  }

  get text(): string {
    return this.#lines.map((line) => `${line}\n`).join('');
  }

  add(line: string): void {
    this.#lines.push('  '.repeat(this.#depth) + line);
  }

  /** `head {`, the body, `}`. */
  block(head: string, body: () => void): void {
    this.add(`${head} {`);
    this.#depth++;
    body();
    this.#depth--;
    this.add('}');
  }

  /** `case x: {`, the body, `break; }`. */
  branch(head: string, body: () => void): void {
    this.add(head);
    this.#depth++;
    body();
    this.#depth--;
  }
}
