import type { AnnotationValue } from './model.js';
import type { Type } from './type.js';

/** What an annotation can stand before. */
export type AnnotationPlace =
  | 'module'
  | 'struct'
  | 'union'
  | 'discriminator'
  | 'member'
  | 'case'
  | 'element'
  | 'enum'
  | 'enumerator'
  | 'bitmask'
  | 'flag'
  | 'bitset'
  | 'bitfield'
  | 'typedef'
  | 'constant'
  | 'exception'
  | 'interface'
  | 'operation'
  | 'parameter'
  | 'attribute'
  | 'valuetype'
  | 'annotation';

/** A parameter of a known annotation. */
export interface ParameterRule {
  readonly name: string;
  /**
   * What it takes: a value of a type, a value of the type of what is annotated (`subject`), or one of these words (with
   * `bits`, any number of them with `|` between, each standing for a bit from the lowest on).
   */
  readonly takes:
    | { readonly type: Type }
    | { readonly subject: true }
    | { readonly words: readonly string[]; readonly bits?: true };
  /** Absent where it has to be given. */
  readonly default?: AnnotationValue | undefined;
}

export interface AnnotationRule {
  /** Empty for anywhere. */
  readonly places: readonly AnnotationPlace[];
  readonly parameters: readonly ParameterRule[];
  /** Whether it can be given again. */
  readonly repeats?: true;
}

const yes: AnnotationValue = { kind: 'boolean', value: true };
const word = (value: string): AnnotationValue => ({ kind: 'word', value });
const text = (value: string): AnnotationValue => ({ kind: 'string', value });
const boolean: ParameterRule = {
  name: 'value',
  takes: { type: { kind: 'primitive', name: 'boolean' } },
  default: yes,
};
const string = (name: string, value?: string): ParameterRule => ({
  name,
  takes: { type: { kind: 'string' } },
  default: value === undefined ? undefined : text(value),
});
const number = (name: 'uint16' | 'uint32'): ParameterRule => ({
  name: 'value',
  takes: { type: { kind: 'primitive', name } },
});
const subject = (name: string): ParameterRule => ({ name, takes: { subject: true } });

const types: readonly AnnotationPlace[] = ['struct', 'union', 'enum', 'bitmask', 'bitset'];
const aggregates: readonly AnnotationPlace[] = ['struct', 'union'];
const members: readonly AnnotationPlace[] = ['member', 'case'];
const values: readonly AnnotationPlace[] = ['member', 'case', 'typedef', 'parameter', 'attribute'];

/** The annotations of IDL 4.2 (8.3), XTypes 1.3 (7.3.1.2) and DDS-RPC: where they may stand, and what they take. */
export const annotationRules: ReadonlyMap<string, AnnotationRule> = new Map<string, AnnotationRule>([
  ['id', { places: members, parameters: [number('uint32')] }],
  [
    'autoid',
    {
      places: ['module', 'struct', 'union'],
      parameters: [{ name: 'value', takes: { words: ['SEQUENTIAL', 'HASH'] }, default: word('HASH') }],
    },
  ],
  ['hashid', { places: members, parameters: [string('value', '')] }],
  ['key', { places: ['member', 'discriminator'], parameters: [boolean] }],
  ['optional', { places: ['member'], parameters: [boolean] }],
  ['must_understand', { places: ['member', 'case', 'discriminator'], parameters: [boolean] }],
  ['external', { places: ['member', 'case', 'element'], parameters: [boolean] }],
  [
    'try_construct',
    {
      places: ['member', 'case', 'discriminator', 'element'],
      parameters: [
        {
          name: 'value',
          takes: { words: ['DISCARD', 'USE_DEFAULT', 'TRIM'] },
          default: word('USE_DEFAULT'),
        },
      ],
    },
  ],
  ['default', { places: [...members, 'discriminator'], parameters: [subject('value')] }],
  ['min', { places: values, parameters: [subject('value')] }],
  ['max', { places: values, parameters: [subject('value')] }],
  ['range', { places: values, parameters: [subject('min'), subject('max')] }],
  ['unit', { places: [...values, 'constant', 'bitfield'], parameters: [string('value')] }],
  [
    'extensibility',
    {
      places: types,
      parameters: [{ name: 'kind', takes: { words: ['FINAL', 'APPENDABLE', 'MUTABLE'] } }],
    },
  ],
  ['final', { places: types, parameters: [] }],
  ['appendable', { places: types, parameters: [] }],
  ['mutable', { places: types, parameters: [] }],
  ['nested', { places: [...types, 'exception', 'interface', 'valuetype'], parameters: [boolean] }],
  ['default_nested', { places: ['module'], parameters: [boolean] }],
  ['topic', { places: aggregates, parameters: [string('name', ''), string('platform', '*')] }],
  [
    'data_representation',
    {
      places: ['module', ...types],
      parameters: [{ name: 'allowed_kinds', takes: { words: ['XCDR1', 'XML', 'XCDR2'], bits: true } }],
    },
  ],
  ['bit_bound', { places: ['enum', 'bitmask'], parameters: [number('uint16')] }],
  ['value', { places: ['enumerator'], parameters: [subject('value')] }],
  ['default_literal', { places: ['enumerator'], parameters: [] }],
  ['ignore_literal_names', { places: ['enum'], parameters: [boolean] }],
  ['position', { places: ['flag'], parameters: [number('uint16')] }],
  [
    'verbatim',
    {
      places: [],
      repeats: true,
      parameters: [
        string('language', '*'),
        {
          name: 'placement',
          takes: {
            words: [
              'BEGIN_FILE',
              'BEFORE_DECLARATION',
              'BEGIN_DECLARATION',
              'END_DECLARATION',
              'AFTER_DECLARATION',
              'END_FILE',
            ],
          },
          default: word('BEFORE_DECLARATION'),
        },
        string('text'),
      ],
    },
  ],
  ['service', { places: ['interface'], parameters: [string('platform', '*')] }],
  ['oneway', { places: ['operation'], parameters: [boolean] }],
  ['ami', { places: ['interface', 'operation'], parameters: [boolean] }],
]);

/** Annotations that are known and would change what is written: taking them for nothing would be wrong. */
export const unsupportedAnnotations: ReadonlyMap<string, string> = new Map([
  ['non_serialized', 'leave the member out'],
]);

/** How a place is named in messages. */
export function placeText(place: AnnotationPlace): string {
  switch (place) {
    case 'case':
      return 'a member of a union';
    case 'flag':
      return 'a flag of a bitmask';
    case 'element':
      return 'the element of a collection';
    case 'valuetype':
      return 'a value type';
    default:
      return `${/^[aeio]/.test(place) ? 'an' : 'a'} ${place}`;
  }
}
