import type { Comparison, Place } from './comparison.js';
import type { MemberSchema, StructSchema } from './schema.js';

/**
 * `@final` structs have the same members, `@appendable` ones the same as far as both go, `@mutable` ones are matched by id
 * (XTypes 1.3, 7.2.4.4.8).
 */
export function compareStructs(
  comparison: Comparison,
  writer: StructSchema,
  reader: StructSchema,
  name: string,
  place: Place,
): void {
  const before = new StructComparison(comparison, writer, reader, name, place);
  if (writer.extensibility === 'mutable') before.byId();
  else before.byPlace();
}

class StructComparison {
  readonly #comparison: Comparison;
  readonly #writer: StructSchema;
  readonly #reader: StructSchema;
  readonly #name: string;
  readonly #place: Place;

  constructor(
    comparison: Comparison,
    writer: StructSchema,
    reader: StructSchema,
    name: string,
    place: Place,
  ) {
    this.#comparison = comparison;
    this.#writer = writer;
    this.#reader = reader;
    this.#name = name;
    this.#place = place;
  }

  byPlace(): void {
    const theirs = this.#writer.members;
    const ours = this.#reader.members;
    const common = Math.min(theirs.length, ours.length);
    for (let i = 0; i < common; i++) {
      if (theirs[i]!.name === ours[i]!.name) this.#member(theirs[i]!, ours[i]!, true);
      else {
        this.#problem(
          ours[i]!,
          `the writer has '${theirs[i]!.name}' in its place; members are added at the end only`,
        );
        // What follows is shifted, and would be reported for that alone.
        return;
      }
    }
    this.#extra(theirs.slice(common), 'writer', ours);
    this.#extra(ours.slice(common), 'reader', theirs);
  }

  byId(): void {
    const theirs = new Map(this.#writer.members.map((member) => [member.id, member]));
    const theirNames = new Map(this.#writer.members.map((member) => [member.name, member]));
    const shared = new Set<number>();
    for (const ours of this.#reader.members) {
      const match = theirs.get(ours.id);
      const namesake = theirNames.get(ours.name);
      if (match !== undefined && match.name !== ours.name) {
        this.#problem(
          ours,
          `the writer has the id ${ours.id} for '${match.name}'; an id belongs to one member for ever`,
        );
      } else if (match === undefined && namesake !== undefined) {
        this.#problem(ours, `its id is ${namesake.id} for the writer and ${ours.id} for the reader`);
      } else if (match !== undefined) this.#member(match, ours, false);
      if (match !== undefined || namesake !== undefined) {
        shared.add(ours.id);
        shared.add((match ?? namesake)!.id);
      }
    }
    const onlyOne = (members: readonly MemberSchema[]) => members.filter(({ id }) => !shared.has(id));
    this.#extra(onlyOne(this.#writer.members), 'writer', this.#reader.members);
    this.#extra(onlyOne(this.#reader.members), 'reader', this.#writer.members);
    if (shared.size === 0) this.#comparison.problem(`${this.#name}: no member is the same on both sides`);
  }

  /** A member that both sides have. */
  #member(theirs: MemberSchema, ours: MemberSchema, tight: boolean): void {
    if (theirs.id !== ours.id) {
      return this.#problem(ours, `its id is ${theirs.id} for the writer and ${ours.id} for the reader`);
    }
    if (this.#place.role !== 'value' && theirs.key !== ours.key) {
      return this.#problem(ours, 'it is a @key member on one side only');
    }
    if (theirs.optional !== ours.optional) return this.#problem(ours, 'it is @optional on one side only');
    if (theirs.default !== ours.default) {
      const shown = (value: string | boolean | undefined) => (value === undefined ? 'none' : String(value));
      return this.#problem(
        ours,
        `its default is ${shown(theirs.default)} for the writer and ${shown(ours.default)} for the reader`,
      );
    }
    this.#comparison.types(theirs.type, ours.type, {
      where: `${this.#name}.${ours.name}`,
      role: this.#isKey(ours, this.#reader) ? 'key' : 'value',
      tight,
      tryConstruct: ours.tryConstruct,
      caught: this.#place.caught,
    });
  }

  /** Members that one side has and the other lacks. */
  #extra(members: readonly MemberSchema[], side: 'writer' | 'reader', others: readonly MemberSchema[]): void {
    const first = members[0];
    if (first === undefined) return;
    if (this.#writer.extensibility === 'final') {
      this.#comparison.problem(`${this.#name} is @final, and only the ${side} has '${first.name}'`);
      return;
    }
    const struct = side === 'writer' ? this.#writer : this.#reader;
    for (const member of members) {
      if (this.#isKey(member, struct)) this.#problem(member, `it is a @key member that only the ${side} has`);
      else if (member.mustUnderstand && !member.optional) {
        this.#problem(member, `it is @must_understand, and only the ${side} has it`);
      } else if (member.mustUnderstand && side === 'writer') {
        this.#comparison.note(
          `${this.#name}.${member.name}: the reader lacks it, and it is @must_understand: a sample that has it does not arrive`,
        );
      } else if (others.some(({ id }) => id === member.id)) {
        // An id of an added member may be used by neither side for another.
        this.#problem(member, `its id ${member.id} is another member's on the other side`);
      }
    }
  }

  /** Within a key all members are its parts where none is marked (XTypes 1.3, 7.2.2.4.4.4.8). */
  #isKey(member: MemberSchema, struct: StructSchema): boolean {
    const { role } = this.#place;
    if (role === 'value') return false;
    return member.key === true || (role === 'key' && !struct.members.some(({ key }) => key));
  }

  #problem({ name }: MemberSchema, text: string): void {
    this.#comparison.problem(`${this.#name}.${name}: ${text}`);
  }
}
