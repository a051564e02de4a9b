import { uses } from './code-lines.js';
import type { Definition, Model, ModelFile } from '../idl/index.js';
import type { GeneratedNames } from './module-names.js';
import { claim, moduleNames } from './module-names.js';
import type { Aggregate } from './shape.js';

/** Marks around what is TypeScript only: private-use characters, which are taken out of everything else. */
const typeStart = '\ue000';
const typeEnd = '\ue001';

/** What a name of another module is needed as, from little to much: as a type by the declaration file alone, as a type, as more. */
const needs = ['declaration', 'type', 'value'] as const;
export type Need = (typeof needs)[number];

interface Import {
  readonly local: string;
  need: Need;
}

/** Text that is left out of JavaScript. */
export function typeOnly(text: string): string {
  return typeStart + text + typeEnd;
}

/**
 * The head of an exported function, in one line or, where that is too long, with one line for each parameter. Parameters that `body` has no
 * use for are called so.
 */
export function functionHead(
  name: string,
  parameters: readonly [name: string, type: string][],
  result: string,
  body: string,
): string {
  const list = parameters.map(
    ([parameter, type]) => (uses(body, parameter) ? parameter : `_${parameter}`) + typeOnly(`: ${type}`),
  );
  const head = `export function ${name}(`;
  const end = `)${typeOnly(`: ${result}`)} {\n`;
  const short = head + list.join(', ') + end;
  if (asTypeScript(short).length <= 111) return short;
  return `${head}\n${list.map((parameter) => `  ${parameter},\n`).join('')}${end}`;
}

/** Text of the user, made safe to have between marks. */
export function withoutMarks(text: string): string {
  return text.replaceAll(/[\ue000\ue001]/g, '');
}

/** What is known while the module of one IDL file is written: its names, and what it has come to import. */
export class ModuleWriter {
  readonly model: Model;
  readonly file: ModelFile;
  readonly names: ReadonlyMap<string, GeneratedNames>;
  /** The specifier of the module of another IDL file. */
  readonly #specifier: (file: string) => string;
  readonly #support: string;
  readonly #taken: Set<string>;
  /** By specifier and exported name: the local name, and what it is needed as. */
  readonly #imports = new Map<string, Map<string, Import>>();
  readonly #namesOfFiles = new Map<string, ReadonlyMap<string, GeneratedNames>>();

  constructor(model: Model, file: ModelFile, support: string, specifier: (file: string) => string) {
    this.model = model;
    this.file = file;
    this.#support = support;
    this.#specifier = specifier;
    this.names = moduleNames(model, file);
    this.#taken = new Set([...this.names.values()].flatMap((names) => Object.values<string>({ ...names })));
  }

  /** The local name of a function or class of the support library. */
  support(name: string): string {
    return this.#import(this.#support, name, 'value');
  }

  /** The local name of a type of the support library. */
  supportType(name: string): string {
    return this.#import(this.#support, name, 'type');
  }

  /** The local name of something that the generated code of a definition declares, in this file or in another. */
  named(definition: Definition, part: keyof GeneratedNames, need: Need = 'value'): string {
    const here = this.names.get(definition.name);
    if (here !== undefined) return here[part];
    let names = this.#namesOfFiles.get(definition.file);
    if (names === undefined) {
      const file = this.model.files.find(({ path }) => path === definition.file)!;
      names = moduleNames(this.model, file);
      this.#namesOfFiles.set(definition.file, names);
    }
    return this.#import(this.#specifier(definition.file), names.get(definition.name)![part], need);
  }

  /** Names that local variables must not have. */
  get topLevel(): ReadonlySet<string> {
    return this.#taken;
  }

  /** A name at the top level for something that belongs to no single definition. */
  claim(name: string): string {
    return claim(name, this.#taken);
  }

  /** The import statements of the module. */
  imports(): string {
    return this.#statements(
      (text) => typeOnly(text),
      ({ need }) => need !== 'declaration',
    );
  }

  /** The import statements that a declaration file with this text needs. */
  declarationImports(text: string): string {
    const words = new Set(text.match(/\w+/g));
    return this.#statements(undefined, ({ local }) => words.has(local));
  }

  #statements(types: ((text: string) => string) | undefined, isUsed: (entry: Import) => boolean): string {
    let text = '';
    for (const [specifier, names] of [...this.#imports].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const used = [...names].filter(([, entry]) => isUsed(entry)).sort(([a], [b]) => (a < b ? -1 : 1));
      const part = (value: boolean) =>
        used
          .filter(([, entry]) => (types === undefined ? !value : (entry.need === 'value') === value))
          .map(([name, { local }]) => (name === local ? name : `${name} as ${local}`));
      const typeText = importText('import type', specifier, part(false));
      text += (types?.(typeText) ?? typeText) + importText('import', specifier, part(true));
    }
    return text;
  }

  #import(specifier: string, name: string, need: Need): string {
    let names = this.#imports.get(specifier);
    if (names === undefined) this.#imports.set(specifier, (names = new Map()));
    const known = names.get(name);
    if (known !== undefined) {
      if (needs.indexOf(need) > needs.indexOf(known.need)) known.need = need;
      return known.local;
    }
    // No IDL name has a $.
    let local = name;
    while (this.#taken.has(local)) local += '$';
    this.#taken.add(local);
    names.set(name, { local, need });
    return local;
  }
}

function importText(keyword: string, specifier: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const short = `${keyword} { ${names.join(', ')} } from '${specifier}';\n`;
  if (short.length <= 111) return short;
  return `${keyword} {\n${names.map((name) => `  ${name},\n`).join('')}} from '${specifier}';\n`;
}

/**
 * The structs and unions that get a topic descriptor: those marked @topic, or, where a file has none, all that are not @nested.
 */
export function topicsOf(model: Model, file: ModelFile): Aggregate[] {
  const aggregates = file.definitions
    .map((name) => model.definitions.get(name)!)
    .filter((definition) => definition.kind === 'struct' || definition.kind === 'union');
  const topics = aggregates.filter(({ topic }) => topic);
  return topics.length > 0 ? topics : aggregates.filter(({ nested }) => !nested);
}

/** Generated text as TypeScript. */
export function asTypeScript(text: string): string {
  return text.replaceAll(/[\ue000\ue001]/g, '');
}

/** Generated text as JavaScript. */
export function asJavaScript(text: string): string {
  return text.replaceAll(/\ue000[^\ue001]*\ue001/g, '');
}
