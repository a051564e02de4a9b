import { Conditions, isMacroName } from './conditions.js';
import type { DiagnosticLog } from './diagnostic.js';
import type { FileHost } from './file-host.js';
import { parseDefine } from './define-directive.js';
import { folderOf, joinPath } from './file-host.js';
import { FileLoader } from './file-loader.js';
import { parseInteger } from './literals.js';
import type { Macro } from './macros.js';
import { Macros } from './macros.js';
import { OpenFiles } from './open-files.js';
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

/**
 * Defined for every file: `#ifdef __IDLC__` keeps what is for other languages from an IDL compiler, as it does elsewhere.
 */
const predefined: Readonly<Record<string, string>> = { __IDLC__: '1', __BOWECHO__: '1' };

/**
 * Turns files into one stream of tokens: includes, conditions and macros done, each token still knowing where it is written.
 * A file is read once in a run; a further `#include` of it adds nothing (so files without include guards can share others).
 */
export class Preprocessor {
  readonly #log: DiagnosticLog;
  readonly #options: PreprocessorOptions;
  readonly #macros: Macros;
  readonly #loader: FileLoader;
  readonly #read = new Set<string>();
  readonly #open = new OpenFiles();
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
    this.#loader = new FileLoader(log, options.host);
    for (const [name, text] of Object.entries({ ...predefined, ...options.defines })) {
      const body = scan(new SourceFile(`<-D ${name}>`, text)).filter(({ kind }) => kind !== 'end');
      this.#macros.define({ name, body });
    }
    this.#given = this.#macros.snapshot();
  }

  /** The tokens of a file and of all that it includes. Ends with one `end` token. */
  run(path: string): Token[] {
    const output: Token[] = [];
    const normal = this.#loader.pathOf(joinPath('', path));
    if (this.#read.has(normal)) return [endOf(new SourceFile(normal, ''))];
    this.#macros.reset(this.#given);
    const file = this.#loader.load(normal, undefined);
    if (file === undefined) return [endOf(new SourceFile(normal, ''))];
    this.#readFile(file, output);
    output.push(endOf(file));
    return output;
  }

  #readFile(file: SourceFile, output: Token[]): void {
    this.#read.add(file.path);
    const before = this.#macros.snapshot();
    const tokens = scan(file);
    this.#open.begin(file.path, tokens);
    const conditions = new Conditions(this.#macros, this.#log);
    for (let at = 0; tokens[at]!.kind !== 'end';) {
      const start = at;
      if (isDirective(tokens[at]!)) {
        at++;
        while (!tokens[at]!.startsLine) at++;
        this.#directive(tokens.slice(start, at), file, conditions, output);
        continue;
      }
      // All up to the next directive at once: the arguments of a macro can span lines.
      while (tokens[at]!.kind !== 'end' && !isDirective(tokens[at]!)) at++;
      if (conditions.live) this.#text(tokens.slice(start, at), output);
    }
    conditions.finish();
    this.#open.end();
    const after = [...this.#macros.snapshot().values()];
    this.#defined.set(
      file.path,
      after.filter((macro) => before.get(macro.name) !== macro),
    );
    this.files.push(file);
  }

  #text(tokens: readonly Token[], output: Token[]): void {
    let readable = tokens;
    if (tokens.some(({ problem }) => problem !== undefined)) {
      for (const { problem, span } of tokens) {
        if (problem) this.#log.report(problem.code, span, problem.message);
      }
      readable = tokens.filter(({ problem }) => problem === undefined);
    }
    for (const token of this.#macros.expand(readable)) output.push(token);
  }

  #directive(line: readonly Token[], file: SourceFile, conditions: Conditions, output: Token[]): void {
    const name = line[1];
    if (name === undefined) return;
    const rest = line.slice(2);
    const { live } = conditions;
    const span = spanTo(line[0]!.span, name.span);
    if (name.kind === 'integer') {
      // What a C preprocessor leaves behind: `# 12 "file.idl"`.
      if (live) this.#line(span, line.slice(1), file);
      return;
    }
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
        this.#pragma(span, rest, file, output);
        return;
      case 'error':
        this.#log.report('IDL1015', span, `#error: ${textOf(rest, file)}`);
        return;
      case 'warning':
        this.#log.report('IDL1016', span, `#warning: ${textOf(rest, file)}`);
        return;
      case 'line':
        this.#line(span, this.#macros.expand(rest), file);
        return;
      default: {
        const hint = didYouMean(name.text, directives);
        this.#log.report('IDL1011', span, `There is no directive #${name.text}.${hint}`);
      }
    }
  }

  #include(directive: Span, rest: readonly Token[], file: SourceFile, output: Token[]): void {
    const expanded = this.#macros.expand(rest);
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
      const full = this.#loader.pathOf(joinPath(folder, path));
      if (this.#open.has(full)) {
        this.#noteInclude(file.path, full);
        this.#reenter(full, span);
        return;
      }
      if (this.#read.has(full)) {
        this.#noteInclude(file.path, full);
        this.#macros.adopt(this.#defined.get(full) ?? []);
        return;
      }
      const included = this.#loader.load(full, span);
      if (included === undefined) continue;
      this.#noteInclude(file.path, full);
      if (this.#open.depth >= includeDepthMax) {
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

  #reenter(path: string, span: Span): void {
    const circle = this.#open.circle(path, this.#macros);
    if (circle === undefined) return;
    const message = `Files include each other in a circle: ${circle.join(' → ')}. Move what they share into a file of its own.`;
    this.#log.report('IDL1009', span, message);
  }

  #define(directive: Token, rest: readonly Token[]): void {
    const macro = parseDefine(directive, rest, this.#log);
    if (macro !== undefined) this.#macros.define(macro);
  }

  /** `#line 12 "file.idl"`: what follows comes from there. */
  #line(directive: Span, [number, name, ...more]: readonly Token[], file: SourceFile): void {
    const line = number?.kind === 'integer' ? parseInteger(number.text) : 0n;
    const wrong = line < 1n || line > 0x7fff_ffffn || (name !== undefined && name.kind !== 'string');
    // The numbers that a C preprocessor puts after the name are flags.
    if (wrong || more.some(({ kind }) => kind !== 'integer')) {
      this.#log.report(
        'IDL1010',
        directive,
        '#line takes a number and, if wanted, the name of a file in quotes.',
      );
      return;
    }
    file.originate(directive.offset, Number(line), name?.text ?? file.path);
  }

  #pragma(span: Span, rest: readonly Token[], file: SourceFile, output: Token[]): void {
    const what = rest[0]?.text ?? '';
    if (what === 'once') {
      this.#open.markOnce();
      return;
    }
    if (what === 'keylist') {
      const pragma = rest.slice(1);
      const whole = spanTo(span, rest.at(-1)!.span);
      output.push({ kind: 'keylist', text: '', span: whole, startsLine: true, pragma });
      return;
    }
    this.#log.report('IDL1016', span, `#pragma ${textOf(rest, file)} is ignored: it means nothing here.`);
  }
}

function isDirective({ text, kind, startsLine }: Token): boolean {
  return startsLine && text === '#' && kind === 'punctuation';
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
