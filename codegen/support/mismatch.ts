import type { EnumSchema, Schema, StructSchema, TypeSchema } from './schema.js';

/**
 * Why a reader cannot understand a writer, by the rules of evolution; `undefined` where it can. `@final` types are to be equal;
 * `@appendable` types may have more members (or enumerators) at their end, on either side.
 *
 * @param writer - The writer's schema, as `TopicType.schema` has it.
 * @param reader - The reader's.
 * @throws SyntaxError where one of them is no JSON.
 *
 * @example
 * ```ts
 * const problem = explainMismatch(remote.schema, Flight.schema);
 * if (problem !== undefined) refuse(problem);
 * ```
 */
export function explainMismatch(writer: string, reader: string): string | undefined {
  if (writer === reader) return undefined;
  const ours = JSON.parse(reader) as Schema;
  const theirs = JSON.parse(writer) as Schema;
  if (theirs.version !== 1 || ours.version !== 1) {
    return `the writer's type is described in version ${theirs.version}, the reader's in ${ours.version}; 1 is understood`;
  }
  if (theirs.type !== ours.type) return `the writer's type is ${theirs.type}, the reader's ${ours.type}`;
  return new Comparison(theirs, ours).named(theirs.type, ours.type, theirs.type);
}

class Comparison {
  readonly #writer: Schema;
  readonly #reader: Schema;
  /** Pairs being compared or found to match: a type is compared once, and recursion ends. */
  readonly #seen = new Set<string>();

  constructor(writer: Schema, reader: Schema) {
    this.#writer = writer;
    this.#reader = reader;
  }

  named(writerName: string, readerName: string, where: string): string | undefined {
    if (writerName !== readerName) return `${where}: the writer has ${writerName}, the reader ${readerName}`;
    if (this.#seen.has(writerName)) return undefined;
    this.#seen.add(writerName);
    const writer = own(this.#writer, writerName);
    const reader = own(this.#reader, readerName);
    if (writer === undefined || reader === undefined) return `${where}: a schema lacks ${writerName}`;
    if (writer.extensibility !== reader.extensibility) {
      return `${writerName} is @${writer.extensibility} for the writer and @${reader.extensibility} for the reader`;
    }
    if (writer.kind === 'struct' && reader.kind === 'struct') return this.#struct(writer, reader, writerName);
    if (writer.kind === 'enum' && reader.kind === 'enum') return this.#enum(writer, reader, writerName);
    return `${writerName} is a ${writer.kind} for the writer and a ${reader.kind} for the reader`;
  }

  #struct(writer: StructSchema, reader: StructSchema, name: string): string | undefined {
    const common = Math.min(writer.members.length, reader.members.length);
    for (let i = 0; i < common; i++) {
      const theirs = writer.members[i]!;
      const ours = reader.members[i]!;
      const where = `${name}.${ours.name}`;
      if (theirs.name !== ours.name) {
        return `${where}: the writer has '${theirs.name}' in its place; members are added at the end only`;
      }
      if (theirs.id !== ours.id)
        return `${where}: its id is ${theirs.id} for the writer and ${ours.id} for the reader`;
      if (theirs.key !== ours.key) return `${where}: it is a @key member on one side only`;
      if (theirs.optional !== ours.optional) return `${where}: it is @optional on one side only`;
      if (theirs.default !== ours.default) {
        const shown = (value: string | boolean | undefined) => (value === undefined ? 'none' : String(value));
        return `${where}: its default is ${shown(theirs.default)} for the writer and ${shown(ours.default)} for the reader`;
      }
      const problem = this.#type(theirs.type, ours.type, where);
      if (problem !== undefined) return problem;
    }
    const [longer, side] = writer.members.length > common ? [writer, 'writer'] : [reader, 'reader'];
    const extra = longer.members.slice(common);
    if (extra.length === 0) return undefined;
    if (writer.extensibility === 'final') {
      return `${name} is @final, and only the ${side} has '${extra[0]!.name}'`;
    }
    const key = extra.find((member) => member.key);
    if (key !== undefined) return `${name}.${key.name}: it is a @key member that only the ${side} has`;
    // A number of an added member may be used by neither side for another.
    const shorter = side === 'writer' ? reader : writer;
    const clash = extra.find(({ id }) => shorter.members.some((member) => member.id === id));
    if (clash !== undefined)
      return `${name}.${clash.name}: its id ${clash.id} is another member's on the other side`;
    return undefined;
  }

  #enum(writer: EnumSchema, reader: EnumSchema, name: string): string | undefined {
    const common = Math.min(writer.values.length, reader.values.length);
    for (let i = 0; i < common; i++) {
      const theirs = writer.values[i]!;
      const ours = reader.values[i]!;
      if (theirs.name !== ours.name || theirs.value !== ours.value) {
        return `${name}: the writer has ${theirs.name} = ${theirs.value} where the reader has ${ours.name} = ${ours.value}`;
      }
    }
    if (writer.extensibility === 'final' && writer.values.length !== reader.values.length) {
      return `${name} is @final, and has ${writer.values.length} enumerators for the writer and ${reader.values.length} for the reader`;
    }
    return undefined;
  }

  #type(writer: TypeSchema, reader: TypeSchema, where: string): string | undefined {
    const differs = () => `${where}: it is ${text(writer)} for the writer and ${text(reader)} for the reader`;
    switch (writer.kind) {
      case 'primitive':
        return reader.kind === 'primitive' && reader.name === writer.name ? undefined : differs();
      case 'string':
        return reader.kind === 'string' ? bounds(writer.bound, reader.bound, where) : differs();
      case 'sequence':
        if (reader.kind !== 'sequence') return differs();
        return bounds(writer.bound, reader.bound, where) ?? this.#type(writer.element, reader.element, where);
      case 'array':
        if (reader.kind !== 'array' || writer.dimensions.join() !== reader.dimensions.join())
          return differs();
        return this.#type(writer.element, reader.element, where);
      case 'named':
        return reader.kind === 'named' ? this.named(writer.name, reader.name, where) : differs();
      default:
        return `${where}: its type is not understood`;
    }
  }
}

function own({ definitions }: Schema, name: string) {
  return Object.hasOwn(definitions, name) ? definitions[name] : undefined;
}

/** What a writer may write, the reader is to have room for. */
function bounds(writer: number | undefined, reader: number | undefined, where: string): string | undefined {
  if (reader === undefined || (writer !== undefined && writer <= reader)) return undefined;
  const theirs = writer === undefined ? 'no bound' : `the bound ${writer}`;
  return `${where}: the writer has ${theirs}, the reader takes at most ${reader}`;
}

function text(type: TypeSchema): string {
  switch (type.kind) {
    case 'primitive':
    case 'named':
      return type.name;
    case 'string':
      return type.bound === undefined ? 'string' : `string<${type.bound}>`;
    case 'sequence':
      return `sequence<${text(type.element)}${type.bound === undefined ? '' : `, ${type.bound}`}>`;
    case 'array':
      return text(type.element) + type.dimensions.map((size) => `[${size}]`).join('');
    default:
      return 'an unknown type';
  }
}
