import type { Annotations } from './annotation-set.js';
import type { CheckContext } from './check-context.js';
import { typeText } from './type-text.js';
import type { TypedefModel } from './model.js';
import type { Span } from './source.js';
import type { ConstantValue, Type } from './type.js';

/** The least and the greatest value that something may have. */
export interface ValueRange {
  readonly min?: ConstantValue | undefined;
  readonly max?: ConstantValue | undefined;
}

/** The range that `@min`, `@max` and `@range` give, or else that of the typedef that names the type. */
export function rangeOf(annotations: Annotations, type: Type, context: CheckContext, span: Span): ValueRange {
  const { log } = context;
  const own = ownRange(annotations);
  if (own.min === undefined && own.max === undefined) return inheritedRange(type, context);
  const at = annotations.span('range', annotations.span('min', annotations.span('max', span)));
  if (!isOrdered(context.resolve(type))) {
    const message = `A value of type ${typeText(type)} has no least and greatest: remove the range, or use a number.`;
    log.report('IDL4006', at, message);
    return {};
  }
  for (const name of ['min', 'max']) {
    const single = annotations.get(name);
    if (single === undefined || annotations.get('range') === undefined) continue;
    log.report('IDL4105', single.span, `This contradicts @range: keep one of them.`);
  }
  if (own.min !== undefined && own.max !== undefined && compareNumbers(own.min, own.max) > 0) {
    log.report('IDL4105', at, 'The least value is above the greatest: exchange them.');
  }
  return own;
}

function ownRange(annotations: Annotations): ValueRange {
  return {
    min: annotations.constant('range', 'min') ?? annotations.constant('min'),
    max: annotations.constant('range', 'max') ?? annotations.constant('max'),
  };
}

function inheritedRange(type: Type, { model }: CheckContext): ValueRange {
  for (let at = type; at.kind === 'named';) {
    const definition = model.get(at.name);
    if (definition?.kind !== 'typedef') break;
    const range = typedefRange(definition);
    if (range.min !== undefined || range.max !== undefined) return range;
    at = definition.type;
  }
  return {};
}

function typedefRange({ annotations }: TypedefModel): ValueRange {
  const range: { min?: ConstantValue; max?: ConstantValue } = {};
  for (const { name, parameters } of annotations) {
    for (const parameter of parameters) {
      const which = name === 'range' ? parameter.name : name;
      if ((which === 'min' || which === 'max') && parameter.value.kind !== 'word') {
        range[which] = parameter.value;
      }
    }
  }
  return range;
}

function isOrdered(type: Type): boolean {
  return type.kind === 'fixed' || (type.kind === 'primitive' && type.name !== 'boolean');
}

/** Negative, 0 or positive as the first is less than, equal to or greater than the second; 0 where they have no order. */
export function compareNumbers(a: ConstantValue, b: ConstantValue): number {
  if (a.kind === 'fixed' && b.kind === 'fixed') {
    const scale = Math.max(a.scale, b.scale);
    const [x, y] = [a, b].map((part) => part.value * 10n ** BigInt(scale - part.scale)) as [bigint, bigint];
    return x < y ? -1 : x > y ? 1 : 0;
  }
  const [x, y] = [a, b].map((part) => ('value' in part ? part.value : 0));
  return x! < y! ? -1 : x! > y! ? 1 : 0;
}
