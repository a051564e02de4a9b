import type { AnnotationPlace, AnnotationRule, ParameterRule } from './annotation-catalogue.js';
import { annotationRules, placeText, unsupportedAnnotations } from './annotation-catalogue.js';
import { Annotations } from './annotation-set.js';
import { constantOf } from './constants.js';
import { evaluate } from './evaluate.js';
import type { AnnotationParameterSyntax, AnnotationSyntax, Expression } from './expression-syntax.js';
import { parseInteger } from './literals.js';
import type { AnnotationModel, AnnotationValue, AppliedAnnotation } from './model.js';
import { resolveTypedefs } from './model.js';
import type { Names } from './names.js';
import type { Scope } from './scope.js';
import { didYouMean } from './suggest.js';
import type { Type } from './type.js';

/** What annotations are checked against. */
export interface AnnotationContext {
  readonly place: AnnotationPlace;
  readonly scope: Scope;
  readonly names: Names;
  /** The type (typedefs resolved) of values such as that of `@default`; absent where what is annotated has none. */
  readonly subject?: Type | undefined;
  /** The scope of an `@annotation` definition: what it declares can be written without more. */
  readonly inner?: Scope | undefined;
}

/** The annotations of one declaration, each found to be allowed there, to be given once, and to have right parameters. */
export function checkAnnotations(
  syntax: readonly AnnotationSyntax[],
  context: AnnotationContext,
): Annotations {
  const annotations = new Annotations();
  for (const annotation of syntax) {
    const applied = checkAnnotation(annotation, annotations, context);
    if (applied !== undefined) annotations.add(applied);
  }
  return annotations;
}

function checkAnnotation(
  annotation: AnnotationSyntax,
  before: Annotations,
  context: AnnotationContext,
): AppliedAnnotation | undefined {
  const { names, scope, place } = context;
  const { log } = names;
  const { span } = annotation;
  const written = annotation.name.parts.map(({ text }) => text).join('::');
  const own = names.findAnnotation(scope, annotation.name);
  const name = own === undefined ? spelled(written, annotation, names) : written;
  const rule = annotationRules.get(name) ?? (own && ruleOf(own.model));
  if (rule === undefined) {
    const advice = unsupportedAnnotations.get(name);
    if (advice !== undefined) {
      log.report('IDL5003', span, `The annotation @${name} is not supported: ${advice}.`);
      return undefined;
    }
    const hint = names.suggest(name, () => [...annotationRules.keys(), ...names.annotations.keys()]);
    log.report('IDL4101', span, `The annotation @${name} is not known, and means nothing here.${hint}`);
    return { name, parameters: looseParameters(annotation.parameters, context), span };
  }
  if (rule.places.length > 0 && !rule.places.includes(place)) {
    const allowed = rule.places.map(placeText).join(' or ');
    log.report('IDL4102', span, `@${name} belongs before ${allowed}, not before ${placeText(place)}.`);
    return undefined;
  }
  const first = before.get(name);
  if (first !== undefined && !rule.repeats) {
    const notes = [{ message: 'It is given here first.', span: first.span }];
    log.report('IDL4103', span, `@${name} is given twice: remove one.`, notes);
    return undefined;
  }
  const parameters = checkParameters(annotation, name, rule, { ...context, inner: own?.scope });
  return parameters && { name, parameters, span };
}

/** Annotations by their letters alone, and what `@external` was called before XTypes 1.2. */
const byLetters: ReadonlyMap<string, string> = new Map([
  ...[...annotationRules.keys()].map((name) => [name.replaceAll('_', ''), name] as const),
  ['shared', 'external'],
]);

/** A known annotation in other letters, such as `@Key`, can mean nothing else: taking it for nothing would lose the key. */
function spelled(name: string, { span }: AnnotationSyntax, { log }: Names): string {
  if (annotationRules.has(name)) return name;
  const lower = name.toLowerCase();
  const known = byLetters.get(lower.replaceAll('_', ''));
  if (known === undefined) return name;
  const message = `@${name} is taken for @${known}; other IDL compilers may not know it: write @${known}.`;
  log.report('IDL4111', span, message);
  return known;
}

/** An `@annotation` definition as a rule: it may stand anywhere. */
function ruleOf({ parameters }: AnnotationModel): AnnotationRule {
  return {
    places: [],
    parameters: parameters.map(({ name, type, default: value }) => ({
      name,
      takes: type === undefined ? { subject: true } : { type },
      default: value,
    })),
  };
}

type Parameters = AppliedAnnotation['parameters'][number][];

function checkParameters(
  { parameters: given, span }: AnnotationSyntax,
  name: string,
  { parameters: rules }: AnnotationRule,
  context: AnnotationContext,
): Parameters | undefined {
  const { log } = context.names;
  if (rules.length === 0) {
    if (given.length > 0) log.report('IDL4104', span, `@${name} takes no parameters: write it alone.`);
    return [];
  }
  const found = new Map<string, Expression>();
  for (const parameter of given) {
    const rule = parameter.name === undefined ? alone(given, rules) : ruleNamed(rules, parameter.name.text);
    if (rule === undefined || found.has(rule.name)) {
      log.report('IDL4104', parameter.span, parameterProblem(parameter, name, rules, rule !== undefined));
      return undefined;
    }
    found.set(rule.name, parameter.value);
  }
  const result: Parameters = [];
  for (const rule of rules) {
    const expression = found.get(rule.name);
    if (expression === undefined) {
      if (rule.default === undefined) {
        log.report('IDL4104', span, `@${name} needs a value${exampleOf(name, rules)}.`);
        return undefined;
      }
      result.push({ name: rule.name, value: rule.default });
      continue;
    }
    const value = parameterValue(expression, name, rule, context);
    if (value === undefined) return undefined;
    result.push({ name: rule.name, value });
  }
  return result;
}

/** The parameter that is meant by a value without a name, which can only stand alone. */
function alone(given: readonly unknown[], rules: readonly ParameterRule[]): ParameterRule | undefined {
  return given.length === 1 &&
    (rules.length === 1 || rules.slice(1).every((rule) => rule.default !== undefined))
    ? rules[0]
    : undefined;
}

/** By its name; a single parameter can also be called `value`, as the standard's own texts do. */
function ruleNamed(rules: readonly ParameterRule[], name: string): ParameterRule | undefined {
  const [first] = rules;
  return (
    rules.find((rule) => rule.name === name) ?? (rules.length === 1 && name === 'value' ? first : undefined)
  );
}

function parameterProblem(
  { name: given }: AnnotationParameterSyntax,
  name: string,
  rules: readonly ParameterRule[],
  twice: boolean,
): string {
  if (given === undefined)
    return `@${name} takes ${rules.length === 1 ? 'one value' : 'named values'}${exampleOf(name, rules)}.`;
  if (twice) return `The parameter '${given.text}' of @${name} is given twice: remove one.`;
  const hint = didYouMean(
    given.text,
    rules.map((rule) => rule.name),
  );
  return `@${name} has no parameter '${given.text}'.${hint}`;
}

function exampleOf(name: string, rules: readonly ParameterRule[]): string {
  const text = rules.length === 1 ? '…' : rules.map((rule) => `${rule.name} = …`).join(', ');
  return `, as in @${name}(${text})`;
}

function parameterValue(
  expression: Expression,
  name: string,
  { takes }: ParameterRule,
  context: AnnotationContext,
): AnnotationValue | undefined {
  const { scope, names, subject, inner } = context;
  if ('words' in takes) return wordsOf(expression, name, takes, names);
  // Where the type of what is annotated is broken, nothing can be said of the value.
  const type = 'type' in takes ? resolveTypedefs(names, takes.type) : subject;
  return type && constantOf(expression, type, scope, names, inner);
}

function wordsOf(
  expression: Expression,
  name: string,
  { words, bits }: { readonly words: readonly string[]; readonly bits?: true },
  names: Names,
): AnnotationValue | undefined {
  const given = bits ? alternatives(expression) : [expression];
  const found = given.flatMap((part) => {
    // Before XTypes 1.2 it was FINAL_EXTENSIBILITY.
    if (part.kind === 'name') return [(part.name.parts.at(-1)?.text ?? '').replace(/_EXTENSIBILITY$/, '')];
    return bits ? wordsOfBits(part, words) : [''];
  });
  if (found.length > 0 && found.every((word) => words.includes(word)))
    return { kind: 'word', value: found.join('|') };
  const wrong = found.find((word) => !words.includes(word)) ?? '';
  const all = `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
  const hint = didYouMean(wrong, words);
  names.log.report('IDL4104', expression.span, `@${name} takes ${all}.${hint}`);
  return undefined;
}

function alternatives(expression: Expression): Expression[] {
  if (expression.kind !== 'binary' || expression.operator !== '|') return [expression];
  return [...alternatives(expression.left), ...alternatives(expression.right)];
}

/** The words that the bits of a number stand for; what bits of others mean is theirs. */
function wordsOfBits(expression: Expression, words: readonly string[]): string[] {
  if (expression.kind !== 'literal' || expression.literal !== 'integer') return [''];
  const value = parseInteger(expression.texts[0]!);
  return words.filter((_, bit) => ((value >> BigInt(bit)) & 1n) === 1n);
}

/** The parameters of an annotation that nobody knows: what can be evaluated, and else what is written. */
function looseParameters(
  given: readonly AnnotationParameterSyntax[],
  { scope, names }: AnnotationContext,
): Parameters {
  const { silent } = names;
  return given.map(({ name, value, span }) => ({
    name: name?.text ?? 'value',
    value: evaluate(value, { scope, names: silent }) ?? {
      kind: 'word',
      value: span.file.text.slice(value.span.offset, value.span.offset + value.span.length),
    },
  }));
}
