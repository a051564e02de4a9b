import type { Comparison, Place } from './comparison.js';
import { definitionOf } from './comparison.js';
import type { CaseSchema, Schema, UnionSchema } from './schema.js';

type Label = CaseSchema['labels'][number];

/**
 * What a label selects with the writer has to be readable as what it selects with the reader; `@final` unions have the same
 * labels, others at least one in common (XTypes 1.3, 7.2.4.4.9).
 */
export function compareUnions(
  comparison: Comparison,
  writer: UnionSchema,
  reader: UnionSchema,
  name: string,
  place: Place,
): void {
  const { role } = place;
  if (role !== 'value' && writer.discriminator.key !== reader.discriminator.key) {
    comparison.problem(`${name}: its discriminator is a @key on one side only`);
  }
  const [theirDefault, ourDefault] = [writer.discriminator.default, reader.discriminator.default];
  if (theirDefault !== ourDefault) {
    comparison.problem(
      `${name}: its discriminator's default is ${theirDefault ?? 'none'} for the writer and ${ourDefault ?? 'none'} for the reader`,
    );
  }
  comparison.types(writer.discriminator.type, reader.discriminator.type, {
    where: `${name} (its discriminator)`,
    role: role === 'key' || (role === 'topic' && reader.discriminator.key) ? 'key' : 'value',
    tight: true,
    tryConstruct: reader.discriminator.tryConstruct,
    caught: place.caught,
  });
  if (!namesAgree(comparison, writer, reader, name)) return;
  compareCases(comparison, writer, reader, name, place);
  const theirs = labelsOf(writer);
  const ours = labelsOf(reader);
  const unknown = theirs.filter(
    (label) => selected(reader, label) === undefined && isValue(comparison.reader, reader, label),
  );
  if (writer.extensibility === 'final') {
    const onlyTheirs = theirs.find((label) => !ours.includes(label));
    const onlyOurs = ours.find((label) => !theirs.includes(label));
    const [label, side] = onlyTheirs === undefined ? [onlyOurs, 'reader'] : [onlyTheirs, 'writer'];
    if (label !== undefined)
      comparison.problem(`${name} is @final, and only the ${side} has a case ${label}`);
    else if ((defaultOf(writer) === undefined) !== (defaultOf(reader) === undefined)) {
      comparison.problem(`${name} is @final, and has a default on one side only`);
    }
  } else if (!theirs.some((label) => ours.includes(label)) && !(defaultOf(writer) && defaultOf(reader))) {
    comparison.problem(`${name}: no case is the same on both sides`);
  } else if (unknown.length > 0) {
    const lacks = `${name}: the reader has no case ${unknown.join(', ')}`;
    if (role === 'key') comparison.problem(`${lacks}, and it is part of the key`);
    else comparison.note(`${lacks}: it sees the discriminator alone`);
  }
}

function namesAgree(comparison: Comparison, writer: UnionSchema, reader: UnionSchema, name: string): boolean {
  let agree = true;
  for (const { member: ours } of reader.cases) {
    for (const { member: theirs } of writer.cases) {
      if ((theirs.id === ours.id) === (theirs.name === ours.name)) continue;
      agree = false;
      comparison.problem(
        theirs.id === ours.id
          ? `${name}.${ours.name}: the writer has the id ${ours.id} for '${theirs.name}'; an id belongs to one member for ever`
          : `${name}.${ours.name}: its id is ${theirs.id} for the writer and ${ours.id} for the reader`,
      );
    }
  }
  return agree;
}

/** Each pair of cases that some value of the discriminator selects. */
function compareCases(
  comparison: Comparison,
  writer: UnionSchema,
  reader: UnionSchema,
  name: string,
  { role, caught }: Place,
): void {
  const pairs: [theirs: CaseSchema | undefined, ours: CaseSchema | undefined][] = [
    [defaultOf(writer), defaultOf(reader)],
    ...[...labelsOf(writer), ...labelsOf(reader)].map(
      (label): [CaseSchema | undefined, CaseSchema | undefined] => [
        selected(writer, label),
        selected(reader, label),
      ],
    ),
  ];
  const done = new Map<CaseSchema, Set<CaseSchema>>();
  for (const [theirs, ours] of pairs) {
    if (theirs === undefined || ours === undefined || done.get(theirs)?.has(ours)) continue;
    done.set(theirs, (done.get(theirs) ?? new Set()).add(ours));
    comparison.types(theirs.member.type, ours.member.type, {
      where: `${name}.${ours.member.name}`,
      role: role === 'key' ? 'key' : 'value',
      tight: writer.extensibility !== 'mutable',
      tryConstruct: ours.member.tryConstruct,
      caught,
    });
  }
}

/** Whether the reader knows a label; what becomes of an enumerator that it does not know is told with its enum. */
function isValue(schema: Schema, { discriminator: { type } }: UnionSchema, label: Label): boolean {
  const definition = type.kind === 'named' ? definitionOf(schema, type.name) : undefined;
  return definition?.kind !== 'enum' || definition.values.some(({ value }) => String(value) === label);
}

function labelsOf({ cases }: UnionSchema): Label[] {
  return cases.flatMap(({ labels }) => labels);
}

function defaultOf({ cases }: UnionSchema): CaseSchema | undefined {
  return cases.find(({ isDefault }) => isDefault);
}

function selected(union: UnionSchema, label: Label): CaseSchema | undefined {
  return union.cases.find(({ labels }) => labels.includes(label)) ?? defaultOf(union);
}
