import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of this checkout, with a slash at its end. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** A fenced block of a page. */
export interface Block {
  readonly language: string;
  /** What follows the language: marks such as `run`, or the name of a file. */
  readonly marks: readonly string[];
  readonly text: string;
  /** Of its first fence, counted from 1. */
  readonly line: number;
}

export function readPage(path: string): string {
  return readFileSync(root + path, 'utf8');
}

/** All fenced blocks of a page, in their order. A fence that is not closed is an error. */
export function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  let open: { language: string; marks: string[]; line: number; lines: string[] } | undefined;
  page.split('\n').forEach((line, index) => {
    const fence = /^```(.*)$/.exec(line);
    if (open !== undefined) {
      if (fence === null) open.lines.push(line);
      else {
        const { language, marks, line: first, lines } = open;
        blocks.push({ language, marks, text: `${lines.join('\n')}\n`, line: first });
        open = undefined;
      }
      return;
    }
    if (fence === null) return;
    const [language = '', ...marks] = fence[1]!.trim().split(/\s+/);
    open = { language, marks, line: index + 1, lines: [] };
  });
  if (open !== undefined) throw new Error(`the block that begins in line ${open.line} does not end`);
  return blocks;
}

/** A page without its fenced blocks. */
export function proseOf(page: string): string {
  return page.replaceAll(/^```[\s\S]*?^```$/gm, '');
}
