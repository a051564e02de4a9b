import { Conditions, isMacroName } from './conditions.js';
import type { DiagnosticLog } from './diagnostic.js';
import type { FileHost } from './file-host.js';
import { folderOf, joinPath } from './file-host.js';
import type { Macro } from './macros.js';
import { Macros } from './macros.js';
import { scan } from './scanner.js';
import type { Span } from './source.js';
import { SourceFile, spanTo } from './source.js';
import { didYouMean } from './suggest.js';
import type { Token } from './token.js';

/** What the preprocessor is told from outside. */
export interface PreprocessorOptions {
  readonly host: FileHost;
  /** Folders in which an included file is looked for, after that of the including file. */
  readonly includePaths?: readonly string[] | undefined;
  /** Macros defined from the start, with their text. */
  readonly defines?: Readonly<Record<string, string>> | undefined;
}

const includeDepthMax = 200;
export const directives: readonly string[] = [
  'include',
  'define',
  'undef',
  'ifdef',
  'ifndef',
  'if',
  'elif',
  'else',
  'endif',
  'pragma',
  'line',
  'error',
  'warning',
];

/** A file whose text is being read, and the macro that guards it against being read twice. */
interface OpenFile {
  readonly path: string;
  readonly guard: string | undefined;
}

/**
 * Turns files into one stream of tokens: includes, conditions and macros done, each token still knowing where it is written.
 * A file is read once in a run; a further `#include` of it adds nothing (so files without include guards can share others).
 */
export class Preprocessor {
  readonly #log: DiagnosticLog;
  readonly #options: PreprocessorOptions;
  readonly #macros: Macros;
  readonly #paths = new Map<string, string>();
  readonly #read = new Set<string>();
  readonly #open: OpenFile[] = [];
  /** By path, the macros that reading a file defined: what a further `#include` of it still brings. */
  readonly #defined = new Map<string, Macro[]>();
  /** The macros of the command line: each file that is compiled starts with these alone. */
  readonly #given: ReadonlyMap<string, Macro>;
  /** Files in the order in which their reading ended: an included file before the one that includes it. */
  readonly files: SourceFile[] = [];
  /** Path to the paths that it includes directly. */
  readonly includes = new Map<string, string[]>();

  constructor(log: DiagnosticLog, options: PreprocessorOptions) {
    this.#log = log;
    this.#options = options;
    this.#macros = new Macros(log);
    for (const [name, text] of Object.entries(options.defines ?? {})) {
      const body = scan(new SourceFile(`<-D ${name}>`, text)).filter(({ kind }) => kind !== 'end');
      this.#macros.define({ name, body });
    }
    this.#given = this.#macros.snapshot();
  }

  /** The tokens of a file and of all that it includes. Ends with one `end` token. */
  run(path: string): Token[] {
    const output: Token[] = [];
    const normal = this.#pathOf(joinPath('', path));
    if (this.#read.has(normal)) return [endOf(new SourceFile(normal, ''))];
    this.#macros.reset(this.#given);
    const file = this.#load(normal, undefined);
    if (file === undefined) return [endOf(new SourceFile(normal, ''))];
    this.#readFile(file, output);
    output.push(endOf(file));
    return output;
  }

  /** The path under which a file is known: that by which it was first found, whatever others it has. */
  #pathOf(path: string): string {
    const identity = this.#options.host.identify?.(path) ?? path;
    const known = this.#paths.get(identity);
    if (known !== undefined) return known;
    this.#paths.set(identity, path);
    return path;
  }

  #load(path: string, includedAt: Span | undefined): SourceFile | undefined {
    const at = (): Span => includedAt ?? { file: new SourceFile(path, ''), offset: 0, length: 0 };
    let content: Uint8Array | undefined;
    try {
      content = this.#options.host.read(path);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#log.report('IDL1001', at(), `The file '${path}' cannot be read: ${reason}.`);
      return undefined;
    }
    if (content === undefined) {
      if (includedAt === undefined) {
        this.#log.report('IDL1001', at(), `There is no file '${path}'. Check its name and folder.`);
      }
      return undefined;
    }
    try {
      return new SourceFile(path, new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content));
    } catch {
      // Read all the same, so that its other errors are shown too.
      const file = new SourceFile(path, new TextDecoder('utf-8', { ignoreBOM: true }).decode(content));
      const offset = Math.max(0, file.text.indexOf('\ufffd'));
      const message = `The file '${path}' is not valid UTF-8 (first here): save it as UTF-8.`;
      this.#log.report('IDL1002', { file, offset, length: 1 }, message);
      return new SourceFile(path, file.text.replaceAll('\ufffd', ' '));
    }
  }

  #readFile(file: SourceFile, output: Token[]): void {
    this.#read.add(file.path);
    const before = this.#macros.snapshot();
    const tokens = scan(file);
    this.#open.push({ path: file.path, guard: guardOf(tokens) });
    const conditions = new Conditions(this.#macros, this.#log);
    let at = 0;
    while (tokens[at]!.kind !== 'end') {
      const token = tokens[at]!;
      if (token.text === '#' && token.kind === 'punctuation' && token.startsLine) {
        let end = at + 1;
        while (!tokens[end]!.startsLine) end++;
        this.#directive(tokens.slice(at, end), file, conditions, output);
        at = end;
        continue;
      }
      at++;
      if (!conditions.live) continue;
      if (token.problem !== undefined)
        this.#log.report(token.problem.code, token.span, token.problem.message);
      else this.#macros.expand(token, output);
    }
    conditions.finish();
    this.#open.pop();
    const after = [...this.#macros.snapshot().values()];
    this.#defined.set(
      file.path,
      after.filter((macro) => before.get(macro.name) !== macro),
    );
    this.files.push(file);
  }

  #directive(line: readonly Token[], file: SourceFile, conditions: Conditions, output: Token[]): void {
    const name = line[1];
    if (name === undefined) return;
    const rest = line.slice(2);
    const { live } = conditions;
    const span = spanTo(line[0]!.span, name.span);
    switch (name.text) {
      case 'if':
      case 'ifdef':
      case 'ifndef':
        conditions.open(name, rest);
        return;
      case 'elif':
      case 'else':
      case 'endif':
        conditions.continue(name, rest);
        return;
    }
    if (!live) return;
    for (const { problem, span: place } of rest) {
      if (problem && name.text !== 'error' && name.text !== 'pragma' && name.text !== 'warning') {
        this.#log.report(problem.code, place, problem.message);
        return;
      }
    }
    switch (name.text) {
      case 'include':
        this.#include(span, rest, file, output);
        return;
      case 'define':
        this.#define(name, rest);
        return;
      case 'undef':
        if (isMacroName(this.#log, name, rest)) this.#macros.undefine(rest[0]!.text);
        return;
      case 'pragma':
        this.#pragma(span, rest, file);
        return;
      case 'error':
        this.#log.report('IDL1015', span, `#error: ${textOf(rest, file)}`);
        return;
      case 'warning':
        this.#log.report('IDL1016', span, `#warning: ${textOf(rest, file)}`);
        return;
      case 'line':
        this.#log.report('IDL1016', span, '#line is ignored: places are told as they are in this file.');
        return;
      default: {
        const hint = didYouMean(name.text, directives);
        this.#log.report('IDL1011', span, `There is no directive #${name.text}.${hint}`);
      }
    }
  }

  #include(directive: Span, rest: readonly Token[], file: SourceFile, output: Token[]): void {
    const expanded: Token[] = [];
    for (const token of rest) this.#macros.expand(token, expanded);
    const first = expanded[0];
    let path: string | undefined;
    if (first?.kind === 'string' && expanded.length === 1) path = first.text;
    else if (first?.text === '<' && expanded.at(-1)?.text === '>') {
      // Between < and > blanks and comments count: so the text itself is taken.
      path = textOf(rest, file).replace(/^<|>.*$/gs, '');
    }
    if (path === undefined || path.trim() === '') {
      this.#log.report('IDL1010', directive, '#include takes "a file" or <a file>.');
      return;
    }
    const span = spanTo(first!.span, expanded.at(-1)!.span);
    const tried = [folderOf(file.path), ...(this.#options.includePaths ?? [])];
    for (const folder of tried) {
      const full = this.#pathOf(joinPath(folder, path));
      const open = this.#open.findIndex((outer) => outer.path === full);
      if (open >= 0) {
        this.#noteInclude(file.path, full);
        this.#circle(open, full, span);
        return;
      }
      if (this.#read.has(full)) {
        this.#noteInclude(file.path, full);
        this.#macros.adopt(this.#defined.get(full) ?? []);
        return;
      }
      const included = this.#load(full, span);
      if (included === undefined) continue;
      this.#noteInclude(file.path, full);
      if (this.#open.length >= includeDepthMax) {
        this.#log.report('IDL1017', span, `More than ${includeDepthMax} files include each other here.`);
        return;
      }
      this.#readFile(included, output);
      return;
    }
    const where = tried.map((folder) => `'${folder || '.'}'`).join(', ');
    const message = `The file '${path}' is not found in ${where}. Check its name, or name its folder with -I.`;
    this.#log.report('IDL1008', span, message);
  }

  #noteInclude(from: string, to: string): void {
    const list = this.includes.get(from) ?? [];
    if (!list.includes(to)) list.push(to);
    this.includes.set(from, list);
  }

  /** An include guard that is already defined makes a circle harmless, as it does in C. */
  #circle(open: number, path: string, span: Span): void {
    const { guard } = this.#open[open]!;
    if (guard !== undefined && this.#macros.has(guard)) return;
    const chain = [...this.#open.slice(open).map((file) => file.path), path].join(' → ');
    const message = `Files include each other in a circle: ${chain}. Move what they share into a file of its own.`;
    this.#log.report('IDL1009', span, message);
  }

  #define(directive: Token, rest: readonly Token[]): void {
    const name = rest[0];
    if (name?.kind !== 'identifier') {
      this.#log.report('IDL1010', directive.span, '#define takes a name and, if wanted, a text for it.');
      return;
    }
    const next = rest[1];
    const touching = next?.span.offset === name.span.offset + name.span.length;
    if (next?.text === '(' && touching) {
      const message = `'${name.text}' is a macro with parameters, which is not supported yet: write out what it stands for.`;
      this.#log.report('IDL5004', name.span, message);
      return;
    }
    if (name.text === 'defined') {
      this.#log.report('IDL1010', name.span, "A macro cannot be called 'defined'.");
      return;
    }
    this.#macros.define({ name: name.text, body: rest.slice(1), span: name.span });
  }

  #pragma(span: Span, rest: readonly Token[], file: SourceFile): void {
    const what = rest[0]?.text ?? '';
    if (what === 'once') return;
    if (what === 'keylist') {
      const message = '#pragma keylist is not supported yet: write @key before the members instead.';
      this.#log.report('IDL5004', span, message);
      return;
    }
    this.#log.report('IDL1016', span, `#pragma ${textOf(rest, file)} is ignored: it means nothing here.`);
  }
}

/** The macro of a file that starts with `#ifndef NAME`, `#define NAME`. */
function guardOf(tokens: readonly Token[]): string | undefined {
  const [hash, ifndef, name, hash2, define, name2] = tokens;
  const guarded = hash?.text === '#' && ifndef?.text === 'ifndef' && hash2?.text === '#';
  return guarded && define?.text === 'define' && name?.text === name2?.text ? name?.text : undefined;
}

function textOf(tokens: readonly Token[], file: SourceFile): string {
  const first = tokens[0];
  if (first === undefined) return '';
  const { offset, length } = spanTo(first.span, tokens.at(-1)!.span);
  return file.text.slice(offset, offset + Math.min(length, 300));
}

function endOf(file: SourceFile): Token {
  return { kind: 'end', text: '', span: { file, offset: file.text.length, length: 0 }, startsLine: true };
}
