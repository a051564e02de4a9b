import { definitionOf } from './comparison.js';
import type { Schema, TypeSchema } from './schema.js';

/** Whether the end of a value can be told without knowing its type: `@final` structs and unions just stop (XTypes 1.3, 7.2.4.2). */
export function isDelimited(schema: Schema, type: TypeSchema): boolean {
  switch (type.kind) {
    case 'sequence':
    case 'array':
      return isDelimited(schema, type.element);
    case 'map':
      return isDelimited(schema, type.key) && isDelimited(schema, type.value);
    case 'named': {
      const definition = definitionOf(schema, type.name);
      const isAggregate = definition?.kind === 'struct' || definition?.kind === 'union';
      return !isAggregate || definition.extensibility !== 'final';
    }
    default:
      return true;
  }
}

/** What a type says beside the form of its values. */
const formless = new Set([
  'defaultLiteral',
  'mustUnderstand',
  'tryConstruct',
  'keyTryConstruct',
  'valueTryConstruct',
  'rowLength',
  'external',
  'min',
  'max',
]);

/** Whether two types have the same form, whatever their names. */
export function sameForm(
  writer: Schema,
  writerType: TypeSchema,
  reader: Schema,
  readerType: TypeSchema,
): boolean {
  return formOf(writer, writerType) === formOf(reader, readerType);
}

/** All of a type as text: each type in it by the number of its first use. */
function formOf(schema: Schema, type: TypeSchema): string {
  const numbers = new Map<string, number>();
  const parts = [type as unknown];
  const texts: string[] = [];
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    texts.push(
      JSON.stringify(part, (property, value: unknown) => {
        // Maps have keys too, which are types.
        if (formless.has(property) || (property === 'key' && value === true)) return undefined;
        if (!isReference(value)) return value;
        let number = numbers.get(value.name);
        if (number === undefined) {
          number = numbers.size;
          numbers.set(value.name, number);
          parts.push(definitionOf(schema, value.name) ?? 'missing');
        }
        return number;
      }),
    );
  }
  return texts.join('\n');
}

function isReference(value: unknown): value is { kind: 'named'; name: string } {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'named';
}
