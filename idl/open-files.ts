import type { Token } from './token.js';

interface OpenFile {
  readonly path: string;
  /** The macro that guards it against being read twice. */
  readonly guard: string | undefined;
  /** Whether a `#pragma once` in it has been seen so far. */
  once: boolean;
}

/** The files whose text is being read, each included by the one before it. */
export class OpenFiles {
  readonly #files: OpenFile[] = [];

  get depth(): number {
    return this.#files.length;
  }

  begin(path: string, tokens: readonly Token[]): void {
    this.#files.push({ path, guard: guardOf(tokens), once: false });
  }

  end(): void {
    this.#files.pop();
  }

  /** Notes a `#pragma once` in the innermost file. */
  markOnce(): void {
    this.#files.at(-1)!.once = true;
  }

  /** Whether a file is being read. */
  has(path: string): boolean {
    return this.#files.some((file) => file.path === path);
  }

  /**
   * The paths of the circle that including an open file again closes; `undefined` where that is harmless, as it is in C: after
   * `#pragma once`, or where its include guard is already defined.
   */
  circle(path: string, macros: { has(name: string): boolean }): string[] | undefined {
    const start = this.#files.findIndex((file) => file.path === path);
    const { guard, once } = this.#files[start]!;
    if (once || (guard !== undefined && macros.has(guard))) return undefined;
    return [...this.#files.slice(start).map((file) => file.path), path];
  }
}

/** The macro of a file that starts with `#ifndef NAME`, `#define NAME`. */
function guardOf(tokens: readonly Token[]): string | undefined {
  const [hash, ifndef, name, hash2, define, name2] = tokens;
  const guarded = hash?.text === '#' && ifndef?.text === 'ifndef' && hash2?.text === '#';
  return guarded && define?.text === 'define' && name?.text === name2?.text ? name?.text : undefined;
}
