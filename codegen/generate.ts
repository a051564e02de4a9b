import type { Definition, Model, ModelFile } from '../idl/index.js';
import { emitDefaults } from './defaults.js';
import { emitBitset, emitBitsetType } from './emit-bitset.js';
import { emitConstant } from './emit-constant.js';
import { emitDecode } from './emit-decode.js';
import { emitEncode } from './emit-encode.js';
import { emitBitmask, emitEnum } from './emit-enum.js';
import { hasKey } from './key-members.js';
import { emitInPlace } from './emit-in-place.js';
import { emitTopic } from './emit-topic.js';
import type { Emitted } from './emit-types.js';
import { emitNothing, emitStructType, emitTypedef } from './emit-types.js';
import { emitUnionType } from './emit-union-type.js';
import { emitView } from './emit-view.js';
import { emitXcdr2Decode } from './emit-xcdr2-decode.js';
import { emitXcdr2Encode } from './emit-xcdr2-encode.js';
import { layoutOf } from './layout.js';
import { asJavaScript, asTypeScript, ModuleWriter, topicsOf } from './module-writer.js';
import { emitProto } from './proto.js';

export interface GenerateOptions {
  /** `typescript` makes `.ts`, `javascript` makes `.js` with `.d.ts`. */
  readonly language?: 'typescript' | 'javascript' | undefined;
  /** Whether to make a `.proto` too, for other languages. */
  readonly proto?: boolean | undefined;
  /** Where generated code imports its support library from; `bowecho/codegen/support` by default. */
  readonly support?: string | undefined;
  /**
   * Whether to make codecs for XCDR2, the representation of other DDS products, too. Where it is not said, they are made if a type of the
   * model asks for it by `@data_representation`.
   */
  readonly xcdr2?: boolean | undefined;
}

export interface GeneratedFile {
  /** The file's name, such as `flights.ts`. */
  readonly name: string;
  readonly text: string;
}

/** Two IDL files of one name, whose generated modules would be one. */
export class OutputClashError extends Error {
  readonly code = 'BE_OUTPUT_CLASH';

  constructor(first: string, second: string) {
    super(
      `${first} and ${second} would both be generated as ${baseName(first)}: rename one of them, or generate them into different folders.`,
    );
    this.name = 'OutputClashError';
  }
}

/**
 * Generates the code of all files of a model, included ones too: they import each other.
 *
 * @throws OutputClashError where two files have the same name.
 *
 * @example
 * ```ts
 * const { model } = compile({ files: ['flights.idl'] });
 * for (const { name, text } of generate(model!)) writeFileSync(name, text);
 * ```
 */
export function generate(model: Model, options: GenerateOptions = {}): GeneratedFile[] {
  const byName = new Map<string, string>();
  for (const { path } of model.files) {
    const other = byName.get(baseName(path));
    if (other !== undefined) throw new OutputClashError(other, path);
    byName.set(baseName(path), path);
  }
  const all = { ...options, xcdr2: options.xcdr2 ?? asksForXcdr2(model) };
  return model.files.flatMap((file) => {
    const name = baseName(file.path);
    const { code, declaration } = generateModule(model, file, all);
    const files =
      options.language === 'javascript'
        ? [
            { name: `${name}.js`, text: asJavaScript(code) },
            { name: `${name}.d.ts`, text: declaration },
          ]
        : [{ name: `${name}.ts`, text: asTypeScript(code) }];
    if (options.proto) files.push({ name: `${name}.proto`, text: emitProto(model, file) });
    return files;
  });
}

/** All files of a model then have them: they use each other's. */
function asksForXcdr2(model: Model): boolean {
  return [...model.definitions.values()].some(
    (definition) =>
      (definition.kind === 'struct' || definition.kind === 'union') &&
      definition.dataRepresentations?.includes('XCDR2') === true,
  );
}

function generateModule(model: Model, file: ModelFile, options: GenerateOptions): Emitted {
  const support = options.support ?? 'bowecho/codegen/support';
  const module = new ModuleWriter(model, file, support, (path) => `./${baseName(path)}.js`);
  const definitions = file.definitions.map((name) => model.definitions.get(name)!);
  const topics = topicsOf(model, file);
  const parts: Emitted[] = definitions.map((definition) => emitDefinition(module, definition));
  for (const topic of topics) parts.push(emitTopic(module, topic, options.xcdr2 === true));
  const codeOnly = (code: string): Emitted => ({ code, declaration: '' });
  for (const definition of definitions) {
    if (definition.kind === 'bitset') parts.push(codeOnly(emitBitset(module, definition)));
    if (definition.kind !== 'struct' && definition.kind !== 'union') continue;
    const codecs = [emitEncode, emitDecode, emitDefaults];
    if (options.xcdr2) codecs.push(emitXcdr2Encode, emitXcdr2Decode);
    for (const emit of codecs) parts.push(codeOnly(emit(module, definition)));
    const layout = definition.kind === 'struct' ? layoutOf(model, definition) : undefined;
    if (definition.kind !== 'struct' || layout === undefined) continue;
    parts.push(codeOnly(emitInPlace(module, definition, layout)), emitView(module, definition, layout));
  }
  const shared = sharedOf(
    module,
    topics.length > 0,
    topics.some((topic) => hasKey(model, topic)),
    options.xcdr2 === true,
  );
  const head = `// Generated by bowecho from ${baseName(file.path)}.idl: change that, not this.\n`;
  const code = [module.imports(), shared, ...parts.map((part) => part.code)]
    .filter((text) => text !== '')
    .join('\n');
  const declarations = parts.map(({ declaration }) => declaration).filter((text) => text !== '');
  const body = declarations.join('\n');
  const imports = module.declarationImports(body);
  return {
    code: `${head}${code === '' ? 'export {};\n' : code}`,
    declaration: `${head}${imports}${imports === '' ? '' : '\n'}${body === '' ? 'export {};\n' : body}`,
  };
}

function emitDefinition(module: ModuleWriter, definition: Definition): Emitted {
  switch (definition.kind) {
    case 'struct':
      return emitStructType(module, definition);
    case 'union':
      return emitUnionType(module, definition);
    case 'enum':
      return emitEnum(module, definition);
    case 'bitmask':
      return emitBitmask(module, definition);
    case 'bitset':
      return emitBitsetType(module, definition);
    case 'typedef':
      return emitTypedef(module, definition);
    case 'constant':
      return emitConstant(module, definition);
    case 'annotation':
      // Says something of other definitions, and is nothing in code.
      return { code: '', declaration: '' };
    default:
      return emitNothing(definition);
  }
}

/** What decoding and hashing use again and again: neither calls code of the user, so one of each serves the module. */
function sharedOf(module: ModuleWriter, hasTopics: boolean, hasKeys: boolean, hasXcdr2: boolean): string {
  return (
    (hasTopics ? `const protobufReader = new ${module.support('ProtobufReader')}();\n` : '') +
    (hasTopics && hasXcdr2 ? `const xcdr2Reader = new ${module.support('Xcdr2Reader')}();\n` : '') +
    (hasKeys ? `const keyWriter = new ${module.support('KeyWriter')}();\n` : '')
  );
}

/** A file's name without folder and ending. */
function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.idl$/i, '');
}
