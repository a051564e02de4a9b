/**
 * The terminal of the live demo: a block of lines that is drawn anew in place, and messages that stay above it. Where the output is no
 * terminal, the block is only its first line, one after another.
 */
export class Screen {
  readonly #out: NodeJS.WriteStream;
  #block: readonly string[] = [];

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  /** What stays. */
  say(text: string): void {
    const block = this.#block;
    this.#erase();
    this.#out.write(`${text}\n`);
    if (this.#out.isTTY) this.#draw(block);
  }

  /** What the next block replaces. */
  show(block: readonly string[]): void {
    if (!this.#out.isTTY) {
      this.#out.write(`${block[0]}\n`);
      return;
    }
    this.#erase();
    this.#draw(block);
  }

  #draw(block: readonly string[]): void {
    this.#block = block;
    // A line that wraps would be two on the screen and one in the count.
    const width = this.#out.columns || 80;
    for (const line of block) this.#out.write(`${line.slice(0, width - 1)}\n`);
  }

  #erase(): void {
    if (this.#block.length > 0) this.#out.write(`\x1b[${this.#block.length}A\x1b[J`);
    this.#block = [];
  }
}
