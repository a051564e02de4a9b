import { claim, isReserved } from './module-names.js';
import type { ModuleWriter } from './module-writer.js';

/** What the bodies of generated functions call their own. */
const own =
  'sample target source offset length limit bytes view end start outer reader tag at key i origin littleEndian'.split(
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
    // Support functions all have names in camelCase with a verb; they are imported as the body is written, so that a
    // member called as one of them could shadow it later: those that look so get an underscore, too.
    while (isReserved(name) || this.#module.topLevel.has(name) || looksLikeSupport(name)) name += '_';
    return claim(name, this.#taken);
  }
}

function looksLikeSupport(name: string): boolean {
  // One with an underscore at its end is none of them, nor an alias of one, which ends in $.
  if (name.endsWith('_')) return false;
  const verb = /^(?:check|put|write|read|open|close|align|encode|decode|default)(?:[A-Z]|$)/;
  return verb.test(name) || ['bytesKey', 'charCode', 'floatKey', 'nowhere', 'rows', 'textKey'].includes(name);
}
