import type { DiagnosticLog } from './diagnostic.js';
import { substitute } from './macro-body.js';
import type { MacroOrigin, Span } from './source.js';
import type { Token } from './token.js';

/** An object-like macro or, with parameters, a function-like one. */
export interface Macro {
  readonly name: string;
  /** The names of its parameters; the last is `__VA_ARGS__` where it ends with `...`. */
  readonly parameters?: readonly string[] | undefined;
  readonly body: readonly Token[];
  /** Absent for macros of the command line (`-D`). */
  readonly span?: Span | undefined;
}

/** More than any real file needs; stops a few lines of `#define` from growing into gigabytes. */
const expansionTokensMax = 500_000;
const expansionDepthMax = 200;

/** Tokens that are read one after the other. */
interface Frame {
  readonly tokens: readonly Token[];
  at: number;
}

/** The macros in force, and their expansion. */
export class Macros {
  readonly #macros = new Map<string, Macro>();
  readonly #log: DiagnosticLog;
  /** Tokens that macros made in this run. */
  #total = 0;
  /** Whether that was too much. */
  #exhausted = false;
  /** Arguments within arguments. */
  #nesting = 0;

  constructor(log: DiagnosticLog) {
    this.#log = log;
  }

  get names(): Iterable<string> {
    return this.#macros.keys();
  }

  /** All macros in force. */
  snapshot(): Map<string, Macro> {
    return new Map(this.#macros);
  }

  /** Takes over macros that are not defined here. */
  adopt(macros: Iterable<Macro>): void {
    for (const macro of macros) if (!this.#macros.has(macro.name)) this.#macros.set(macro.name, macro);
  }

  /** Forgets all macros but these. */
  reset(macros: ReadonlyMap<string, Macro>): void {
    this.#macros.clear();
    this.adopt(macros.values());
  }

  has(name: string): boolean {
    return this.#macros.has(name);
  }

  define(macro: Macro): void {
    const existing = this.#macros.get(macro.name);
    if (existing !== undefined && macro.span !== undefined && textOf(existing) !== textOf(macro)) {
      const notes = existing.span ? [{ message: 'It was first defined here.', span: existing.span }] : [];
      const message = `The macro '${macro.name}' is already defined, with another text: #undef it first.`;
      this.#log.report('IDL1013', macro.span, message, notes);
    }
    this.#macros.set(macro.name, macro);
  }

  undefine(name: string): void {
    this.#macros.delete(name);
  }

  /** The tokens with all macros in them expanded. */
  expand(tokens: readonly Token[]): readonly Token[] {
    if (!tokens.some((token) => token.kind === 'identifier' && this.#macros.has(token.text))) return tokens;
    const output: Token[] = [];
    const frames: Frame[] = [{ tokens, at: 0 }];
    for (let token = take(frames); token !== undefined; token = take(frames)) {
      const macro = token.kind === 'identifier' ? this.#macros.get(token.text) : undefined;
      // A macro is not expanded within itself, as in C.
      if (macro === undefined || isWithin(token.span.macro, macro.name)) output.push(token);
      else this.#expandUse(macro, token, frames, output);
    }
    return output;
  }

  #expandUse(macro: Macro, use: Token, frames: Frame[], output: Token[]): void {
    let given: Token[][] = [];
    if (macro.parameters !== undefined) {
      if (peek(frames)?.text !== '(') {
        // Without arguments its name is just a name.
        output.push(use);
        return;
      }
      const found = this.#arguments(macro, use, frames);
      if (found === undefined) return;
      given = found;
    }
    // Told once: after that, macros stand for nothing.
    if (this.#exhausted) return;
    this.#total += given.reduce((sum, tokens) => sum + tokens.length, 1);
    const deep = (use.span.macro?.depth ?? 0) + this.#nesting >= expansionDepthMax;
    if (!deep && this.#total <= expansionTokensMax) {
      const room = expansionTokensMax - this.#total;
      const expand = (tokens: readonly Token[]) => this.#expandArgument(tokens);
      const pieces = substitute(macro, use, given, expand, room, this.#log);
      this.#total += pieces.length;
      if (this.#exhausted) return;
      if (this.#total <= expansionTokensMax) {
        frames.push({ tokens: pieces, at: 0 });
        return;
      }
    }
    this.#exhausted = true;
    const message = `The macro '${macro.name}' expands to too much: more than ${expansionTokensMax} tokens in all, or ${expansionDepthMax} macros deep. Write out what it stands for.`;
    this.#log.report('IDL1018', use.span, message);
  }

  #expandArgument(tokens: readonly Token[]): readonly Token[] {
    this.#nesting++;
    const expanded = this.expand(tokens);
    this.#nesting--;
    return expanded;
  }

  /** What stands between the brackets after a function-like macro, split at its commas; `undefined` after reporting. */
  #arguments(macro: Macro, use: Token, frames: Frame[]): Token[][] | undefined {
    const parameters = macro.parameters!;
    take(frames);
    const given: Token[][] = [[]];
    for (let depth = 0; ;) {
      const token = take(frames);
      if (token === undefined) {
        const message = `The arguments of the macro '${macro.name}' do not end: add a ')'.`;
        this.#log.report('IDL1020', use.span, message);
        return undefined;
      }
      if (token.text === ')' && token.kind === 'punctuation') {
        if (depth === 0) break;
        depth--;
      } else if (token.text === '(' && token.kind === 'punctuation') depth++;
      else if (token.text === ',' && token.kind === 'punctuation' && depth === 0) {
        const rest = parameters.at(-1) === '__VA_ARGS__' && given.length >= parameters.length;
        if (!rest) {
          given.push([]);
          continue;
        }
      }
      given.at(-1)!.push(token);
    }
    return this.#counted(macro, use, given);
  }

  #counted({ name, parameters = [], span }: Macro, use: Token, given: Token[][]): Token[][] | undefined {
    if (given.length === parameters.length) return given;
    // `F()` is no argument or an empty one; what `...` stands for can be left out.
    if (parameters.length === 0 && given.length === 1 && given[0]!.length === 0) return [];
    if (parameters.at(-1) === '__VA_ARGS__' && given.length === parameters.length - 1) return [...given, []];
    const notes = span ? [{ message: 'It is defined here.', span }] : [];
    const message = `The macro '${name}' takes ${parameters.length} arguments; ${given.length} are given here.`;
    this.#log.report('IDL1020', use.span, message, notes);
    return undefined;
  }
}

/** The next token, of the innermost frame that has one. */
function take(frames: Frame[]): Token | undefined {
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    const token = frame.tokens[frame.at];
    if (token !== undefined) {
      frame.at++;
      return token;
    }
    frames.pop();
  }
  return undefined;
}

function peek(frames: readonly Frame[]): Token | undefined {
  for (let i = frames.length - 1; i >= 0; i--) {
    const { tokens, at } = frames[i]!;
    if (at < tokens.length) return tokens[at];
  }
  return undefined;
}

function isWithin(origin: MacroOrigin | undefined, name: string): boolean {
  for (let at = origin; at !== undefined; at = at.outer) if (at.name === name) return true;
  return false;
}

function textOf({ parameters, body }: Macro): string {
  const pieces = body.map(({ kind, text }) => `${kind}:${text}`).join(' ');
  return `${parameters === undefined ? '' : `(${parameters.join()})`} ${pieces}`;
}
