import type { Annotations } from './annotation-set.js';
import { extensibilityOf } from './annotation-set.js';
import type { CheckContext } from './check-context.js';
import { constantOf } from './constants.js';
import type { BitmaskModel, EnumeratorModel, EnumModel, FlagModel } from './model.js';
import type { Scope } from './scope.js';
import type { Span } from './source.js';
import type { EnumeratorSyntax, EnumSyntax } from './syntax.js';
import type { Type } from './type.js';

const enumeratorType: Type = { kind: 'primitive', name: 'int64' };

/** Turns an enum's syntax into its model. */
export function checkEnum(syntax: EnumSyntax, scope: Scope, context: CheckContext): EnumModel {
  const annotations = context.annotations(syntax.annotations, 'enum', scope);
  const bitBound = bitBoundOf(annotations, 32, syntax, context);
  const numbers = new Numbers('value', 'enumerator', context);
  let defaultLiteral: string | undefined;
  const enumerators = syntax.enumerators.map((enumerator): EnumeratorModel => {
    const own = context.annotations(enumerator.annotations, 'enumerator', scope, enumeratorType);
    const given = own.number('value') ?? assignedValue(enumerator, scope, context);
    const value = numbers.next(given, own.span('value', enumerator.name.span), enumerator);
    const marked = own.get('default_literal');
    if (marked !== undefined && defaultLiteral !== undefined) {
      const message = `'${defaultLiteral}' is the default already: an enum has one. Remove one of them.`;
      context.log.report('IDL4105', marked.span, message);
    } else if (marked !== undefined) defaultLiteral = enumerator.name.text;
    return { name: enumerator.name.text, value, doc: enumerator.doc, annotations: own.all };
  });
  numbers.checkRange(...enumRange(bitBound, numbers.least < 0), `@bit_bound(${bitBound})`);
  return {
    kind: 'enum',
    ...context.common(syntax.name, scope, syntax.doc, annotations),
    extensibility: extensibilityOf(annotations, context.names),
    bitBound,
    defaultLiteral,
    enumerators,
  };
}

/** The value that is given by `=`. */
function assignedValue(
  { value: expression }: EnumeratorSyntax,
  scope: Scope,
  { names }: CheckContext,
): number | undefined {
  const value = expression && constantOf(expression, enumeratorType, scope, names);
  return value?.kind === 'integer' ? Number(value.value) : undefined;
}

/** As many bits, with a sign where a value has one. 32 bits always have one: that is what enums are (XTypes 1.3, 7.2.2.4.1). */
function enumRange(bitBound: number, signed: boolean): [number, number] {
  const limit = 2 ** bitBound;
  return signed || bitBound === 32 ? [-limit / 2, limit / 2 - 1] : [0, limit - 1];
}

/** Turns a bitmask's syntax into its model. */
export function checkBitmask(syntax: EnumSyntax, scope: Scope, context: CheckContext): BitmaskModel {
  const annotations = context.annotations(syntax.annotations, 'bitmask', scope);
  const bitBound = bitBoundOf(annotations, 64, syntax, context);
  const numbers = new Numbers('position', 'flag', context);
  const flags = syntax.enumerators.map((flag): FlagModel => {
    const own = context.annotations(flag.annotations, 'flag', scope);
    const position = numbers.next(own.number('position'), own.span('position', flag.name.span), flag);
    return { name: flag.name.text, position, doc: flag.doc, annotations: own.all };
  });
  numbers.checkRange(0, bitBound - 1, `a bitmask of ${bitBound} bits`);
  return {
    kind: 'bitmask',
    ...context.common(syntax.name, scope, syntax.doc, annotations),
    extensibility: extensibilityOf(annotations, context.names),
    bitBound,
    flags,
  };
}

function bitBoundOf(
  annotations: Annotations,
  max: 32 | 64,
  { kind, name }: EnumSyntax,
  { log }: CheckContext,
): number {
  const given = annotations.number('bit_bound');
  if (given === undefined) return 32;
  if (given >= 1 && given <= max) return given;
  const message = `The bits of ${kind === 'enum' ? 'an enum' : 'a bitmask'} are 1 to ${max}, not ${given}.`;
  log.report('IDL4104', annotations.span('bit_bound', name.span), message);
  return 32;
}

/** The numbers of enumerators or flags: one more than that before, where none is given. */
class Numbers {
  readonly #annotation: 'value' | 'position';
  readonly #what: 'enumerator' | 'flag';
  readonly #context: CheckContext;
  readonly #given = new Map<number, { name: string; span: Span; at: Span }>();
  #next = 0;
  least = 0;

  constructor(annotation: 'value' | 'position', what: 'enumerator' | 'flag', context: CheckContext) {
    this.#annotation = annotation;
    this.#what = what;
    this.#context = context;
  }

  next(given: number | undefined, at: Span, { name }: EnumeratorSyntax): number {
    const number = given ?? this.#next;
    this.#next = number + 1;
    this.least = Math.min(this.least, number);
    const other = this.#given.get(number);
    if (other === undefined) this.#given.set(number, { name: name.text, span: name.span, at });
    else {
      const notes = [{ message: `'${other.name}' is here.`, span: other.span }];
      const message = `The ${this.#annotation} ${number} is already that of '${other.name}': give '${name.text}' another by @${this.#annotation}.`;
      this.#context.log.report('IDL4205', at, message, notes);
    }
    return number;
  }

  checkRange(min: number, max: number, of: string): void {
    for (const [number, { name, at }] of this.#given) {
      if (number >= min && number <= max) continue;
      const message = `The ${this.#annotation} of the ${this.#what} '${name}', ${number}, is not in the range of ${of}: ${min} to ${max}.`;
      this.#context.log.report('IDL4206', at, message);
    }
  }
}
