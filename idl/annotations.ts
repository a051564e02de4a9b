import { constantOf } from './constants.js';
import type { Extensibility } from './model.js';
import type { Names } from './names.js';
import type { Scope } from './scope.js';
import { didYouMean } from './suggest.js';
import type { AnnotationSyntax, Expression } from './syntax.js';

export type AnnotationPlace = 'module' | 'struct' | 'enum' | 'enumerator' | 'typedef' | 'constant' | 'member';

/** What is supported, and where it may stand. */
const supported: ReadonlyMap<string, readonly AnnotationPlace[]> = new Map([
  ['key', ['member']],
  ['id', ['member']],
  ['optional', ['member']],
  ['default', ['member']],
  ['topic', ['struct']],
  ['nested', ['struct']],
  ['final', ['struct', 'enum']],
  ['appendable', ['struct', 'enum']],
  ['extensibility', ['struct', 'enum']],
  ['mutable', ['struct', 'enum']],
]);

/** The other annotations of IDL 4.2, XTypes 1.3 and their users. */
const known = [
  'ami',
  'autoid',
  'bit_bound',
  'data_representation',
  'default_literal',
  'default_nested',
  'external',
  'hashid',
  'ignore_literal_names',
  'max',
  'min',
  'must_understand',
  'non_serialized',
  'oneway',
  'position',
  'range',
  'service',
  'try_construct',
  'unit',
  'value',
  'verbatim',
];

/** The annotations of one declaration, each found to exist, to be supported, to be allowed there and to be given once. */
export type Annotations = ReadonlyMap<string, AnnotationSyntax>;

export function checkAnnotations(
  syntax: readonly AnnotationSyntax[],
  place: AnnotationPlace,
  { log }: Names,
): Annotations {
  const annotations = new Map<string, AnnotationSyntax>();
  for (const annotation of syntax) {
    const { name, span } = annotation;
    const places = supported.get(name);
    if (places === undefined) {
      if (known.includes(name))
        log.report('IDL5003', span, `The annotation @${name} is not supported yet: remove it.`);
      else {
        const hint = didYouMean(name, [...supported.keys(), ...known]);
        log.report('IDL4101', span, `There is no annotation @${name}.${hint}`);
      }
      continue;
    }
    if (!places.includes(place)) {
      const allowed = places.map((allowedPlace) => `a ${allowedPlace}`).join(' or ');
      const article = place.startsWith('e') ? 'an' : 'a';
      log.report('IDL4102', span, `@${name} belongs before ${allowed}, not before ${article} ${place}.`);
      continue;
    }
    const first = annotations.get(name);
    if (first !== undefined) {
      const notes = [{ message: 'It is given here first.', span: first.span }];
      log.report('IDL4103', span, `@${name} is given twice: remove one.`, notes);
      continue;
    }
    annotations.set(name, annotation);
  }
  return annotations;
}

/** The parameter of an annotation that takes one, `@id(3)` or `@id(value = 3)`. */
export function parameterOf(annotation: AnnotationSyntax, { log }: Names): Expression | undefined {
  const [first, ...others] = annotation.parameters;
  if (first !== undefined && others.length === 0 && (first.name === undefined || first.name === 'value')) {
    return first.value;
  }
  log.report(
    'IDL4104',
    annotation.span,
    `@${annotation.name} takes one value, as in @${annotation.name}(…).`,
  );
  return undefined;
}

/** Whether an annotation such as `@key` holds: alone it does, `@key(FALSE)` does not. */
export function flag(annotations: Annotations, name: string, scope: Scope, names: Names): boolean {
  const annotation = annotations.get(name);
  if (annotation === undefined) return false;
  if (annotation.parameters.length === 0) return true;
  if (name === 'topic') {
    const message = 'Parameters of @topic are not supported yet: write it without.';
    names.log.report('IDL5003', annotation.span, message);
    return true;
  }
  const parameter = parameterOf(annotation, names);
  if (parameter === undefined) return true;
  const value = constantOf(parameter, { kind: 'primitive', name: 'boolean' }, scope, names);
  return value?.kind === 'boolean' ? value.value : true;
}

const kinds: ReadonlyMap<string, Extensibility> = new Map([
  ['FINAL', 'final'],
  ['APPENDABLE', 'appendable'],
  ['MUTABLE', 'mutable'],
]);

/** The extensibility that annotations give; appendable by default (XTypes 1.3, 7.2.2.4.5). */
export function extensibilityOf(annotations: Annotations, { log }: Names): Extensibility {
  let result: Extensibility | undefined;
  for (const annotation of annotations.values()) {
    let given: Extensibility;
    const { name, span, parameters } = annotation;
    if (name === 'extensibility') {
      const value = parameters.length === 1 ? parameters[0]!.value : undefined;
      const word = value?.kind === 'name' ? (value.name.parts.at(-1)?.text ?? '') : '';
      const found = kinds.get(word);
      if (found === undefined) {
        log.report('IDL4104', span, '@extensibility takes FINAL, APPENDABLE or MUTABLE.');
        continue;
      }
      given = found;
    } else if (name === 'final' || name === 'appendable' || name === 'mutable') {
      given = name;
      if (parameters.length > 0) log.report('IDL4104', span, `@${name} takes no parameters.`);
    } else continue;
    if (given === 'mutable') {
      log.report(
        'IDL5003',
        span,
        'Mutable types are not supported yet: use @appendable, and add members at the end.',
      );
    }
    if (result !== undefined && result !== given) {
      log.report('IDL4105', span, `This contradicts @${result}: keep one of them.`);
      continue;
    }
    result = given;
  }
  return result ?? 'appendable';
}
