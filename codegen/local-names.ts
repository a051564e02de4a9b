import { claim, isReserved } from './module-names.js';
import type { ModuleWriter } from './module-writer.js';
import * as support from './support/index.js';

/** What the bodies of generated functions call their own. */
const own =
  'sample target source offset length limit bytes view end start outer reader at key i origin littleEndian discriminator result'.split(
    ' ',
  );

/** Hands out names of local variables in one function: after members where that can be, always unambiguous. */
export class LocalNames {
  readonly #taken: Set<string>;
  readonly #module: ModuleWriter;

  constructor(module: ModuleWriter) {
    this.#module = module;
    this.#taken = new Set(own);
  }

  claim(wanted: string): string {
    let name = wanted;
    // They are imported as the body is written, so that a member called as one of them could shadow it later.
    while (isReserved(name) || this.#module.topLevel.has(name) || looksImported(name)) name += '_';
    return claim(name, this.#taken);
  }
}

/** Whether something that is imported, now or later, can be called so: from the support library or from another file's module. */
function looksImported(name: string): boolean {
  // One with an underscore at its end is none of them, nor an alias of one, which ends in $.
  if (name.endsWith('_')) return false;
  return name in support || /^(?:encode|decode|default|write|read|pack|unpack)(?:[A-Z]|$)|Values$/.test(name);
}
