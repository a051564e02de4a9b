import { compareBitmasks, compareBitsets, compareEnums, integerOf } from './compare-enums.js';
import { compareStructs } from './compare-structs.js';
import { compareUnions } from './compare-unions.js';
import type { Comparison, Place } from './comparison.js';
import { caughtWithin, definitionOf, typeText } from './comparison.js';
import { isDelimited, sameForm } from './form.js';
import type { Schema, TryConstructSchema, TypeSchema } from './schema.js';

/** How a reader's type stands to a writer's. */
export interface Assignability {
  /** Why the reader cannot understand the writer; empty where it can. */
  readonly problems: readonly string[];
  /** What the reader does not get of what the writer may write. */
  readonly notes: readonly string[];
}

/**
 * Whether a reader can understand a writer, by the rules of XTypes for assignable types: `@final` types are to be equal,
 * `@appendable` ones may have more at their end, on either side, and the members of `@mutable` ones are found by their ids.
 *
 * @param writer - The writer's schema, as `TopicType.schema` has it.
 * @param reader - The reader's.
 * @throws SyntaxError where one of them is no JSON.
 *
 * @example
 * ```ts
 * const { problems } = assignability(remote.schema, Flight.schema);
 * if (problems.length > 0) refuse(problems[0]);
 * ```
 */
export function assignability(writer: string, reader: string): Assignability {
  if (writer === reader) return { problems: [], notes: [] };
  const ours = JSON.parse(reader) as Schema;
  const theirs = JSON.parse(writer) as Schema;
  const refused = (problem: string): Assignability => ({ problems: [problem], notes: [] });
  if (theirs.version !== 1 || ours.version !== 1) {
    return refused(
      `the writer's type is described in version ${theirs.version}, the reader's in ${ours.version}; 1 is understood`,
    );
  }
  if (theirs.type !== ours.type) {
    return refused(`the writer's type is ${theirs.type}, the reader's ${ours.type}`);
  }
  const comparison = new SchemaComparison(theirs, ours);
  const whole: TypeSchema = { kind: 'named', name: ours.type };
  comparison.types(whole, whole, {
    where: ours.type,
    role: 'topic',
    tight: false,
    tryConstruct: undefined,
    caught: undefined,
  });
  return comparison;
}

/** The first reason why a reader cannot understand a writer; `undefined` where it can. */
export function explainMismatch(writer: string, reader: string): string | undefined {
  return assignability(writer, reader).problems[0];
}

class SchemaComparison implements Comparison, Assignability {
  readonly writer: Schema;
  readonly reader: Schema;
  readonly problems: string[] = [];
  readonly notes: string[] = [];
  /** Pairs being compared or found to match: a type is compared once, and recursion ends. */
  readonly #seen = new Set<string>();

  constructor(writer: Schema, reader: Schema) {
    this.writer = writer;
    this.reader = reader;
  }

  problem(text: string): void {
    if (!this.problems.includes(text)) this.problems.push(text);
  }

  note(text: string): void {
    if (!this.notes.includes(text)) this.notes.push(text);
  }

  types(writer: TypeSchema, reader: TypeSchema, place: Place): void {
    const found = this.problems.length;
    this.#types(writer, reader, place);
    if (!place.tight || this.problems.length > found || isDelimited(this.writer, writer)) return;
    if (sameForm(this.writer, writer, this.reader, reader)) return;
    this.problem(
      `${place.where}: ${typeText(reader)} is @final or holds what is, so that nothing tells where it ends: it has to be the same on both sides`,
    );
  }

  #types(writer: TypeSchema, reader: TypeSchema, place: Place): void {
    if (writer.kind === 'named' || reader.kind === 'named') return this.#named(writer, reader, place);
    const { where, role } = place;
    const inner = (what: string, tryConstruct: TryConstructSchema | undefined): Place => ({
      where: `${where} (its ${what})`,
      role,
      tight: true,
      tryConstruct,
      caught: caughtWithin(place),
    });
    switch (writer.kind) {
      case 'primitive':
        if (reader.kind === 'primitive' && reader.name === writer.name) return;
        break;
      case 'string':
      case 'wstring':
        if (reader.kind === writer.kind) return this.#bounds(writer.bound, reader.bound, place);
        break;
      case 'sequence':
        if (reader.kind !== 'sequence') break;
        this.#bounds(writer.bound, reader.bound, place);
        return this.types(writer.element, reader.element, inner('elements', reader.tryConstruct));
      case 'map': {
        if (reader.kind !== 'map') break;
        this.#bounds(writer.bound, reader.bound, place);
        const keys = inner('keys', reader.keyTryConstruct);
        const isLoose = keys.tryConstruct !== undefined || keys.caught !== undefined;
        this.types(writer.key, reader.key, isLoose ? keys : { ...keys, role: 'key' });
        return this.types(writer.value, reader.value, inner('values', reader.valueTryConstruct));
      }
      case 'fixed':
        if (reader.kind === 'fixed' && reader.digits === writer.digits && reader.scale === writer.scale)
          return;
        break;
      case 'array':
        if (reader.kind !== 'array' || writer.dimensions.join() !== reader.dimensions.join()) break;
        return this.types(
          writer.element,
          reader.element,
          inner(
            'elements',
            reader.tryConstruct ?? (reader.rowLength === undefined ? undefined : 'useDefault'),
          ),
        );
      default:
        return this.problem(`${where}: its type is not understood`);
    }
    this.#differs(writer, reader, place);
  }

  #differs(writer: TypeSchema, reader: TypeSchema, { where }: Place): void {
    this.problem(`${where}: it is ${typeText(writer)} for the writer and ${typeText(reader)} for the reader`);
  }

  /** What a writer may write, the reader is to have room for, or to be content with a part of. */
  #bounds(
    writer: number | undefined,
    reader: number | undefined,
    { where, role, tryConstruct, caught }: Place,
  ): void {
    if (reader === undefined || (writer !== undefined && writer <= reader)) return;
    const theirs = writer === undefined ? 'no bound' : `the bound ${writer}`;
    const text = `${where}: the writer has ${theirs}, the reader takes at most ${reader}`;
    if (role === 'key') this.problem(text);
    else if (tryConstruct === 'trim') this.note(`${text}, and cuts off the rest`);
    else if (tryConstruct === 'useDefault') this.note(`${text}, and takes its default for what is longer`);
    else if (caught !== undefined)
      this.note(`${text}, and takes the default of ${caught} for what is longer`);
    else this.problem(text);
  }

  #named(writer: TypeSchema, reader: TypeSchema, place: Place): void {
    const theirs = writer.kind === 'named' ? definitionOf(this.writer, writer.name) : undefined;
    const ours = reader.kind === 'named' ? definitionOf(this.reader, reader.name) : undefined;
    // A bitmask can be read as the integer that it travels as, and the other way round.
    if (theirs?.kind === 'bitmask' && reader.kind === 'primitive' && reader.name === integerOf(theirs))
      return;
    if (ours?.kind === 'bitmask' && writer.kind === 'primitive' && writer.name === integerOf(ours)) return;
    if (writer.kind !== 'named' || reader.kind !== 'named') return this.#differs(writer, reader, place);
    const { name } = reader;
    if (theirs === undefined || ours === undefined) {
      return this.problem(`${place.where}: a schema lacks ${theirs === undefined ? writer.name : name}`);
    }
    const within = { ...place, caught: caughtWithin(place) };
    const pair = `${writer.name} ${name} ${place.role} ${place.tryConstruct ?? ''} ${within.caught ?? ''}`;
    if (this.#seen.has(pair)) return;
    this.#seen.add(pair);
    if (theirs.kind !== ours.kind) {
      return this.problem(
        `${place.where}: ${writer.name} is a ${theirs.kind} for the writer and ${name} a ${ours.kind} for the reader`,
      );
    }
    if (theirs.kind === 'bitmask' && ours.kind === 'bitmask') {
      return compareBitmasks(this, theirs, ours, name);
    }
    if (theirs.extensibility !== ours.extensibility) {
      return this.problem(
        `${name} is @${theirs.extensibility} for the writer and @${ours.extensibility} for the reader`,
      );
    }
    if (theirs.kind === 'struct' && ours.kind === 'struct') compareStructs(this, theirs, ours, name, within);
    else if (theirs.kind === 'union' && ours.kind === 'union')
      compareUnions(this, theirs, ours, name, within);
    else if (theirs.kind === 'enum' && ours.kind === 'enum') compareEnums(this, theirs, ours, name, place);
    else if (theirs.kind === 'bitset' && ours.kind === 'bitset') compareBitsets(this, theirs, ours, name);
    else this.problem(`${place.where}: what ${name} is, is not understood`);
  }
}
