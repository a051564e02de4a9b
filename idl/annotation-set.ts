import type {
  AnnotationValue,
  AppliedAnnotation,
  AutoId,
  DataRepresentation,
  Extensibility,
} from './model.js';
import type { Names } from './names.js';
import type { Span } from './source.js';
import type { ConstantValue, TryConstruct } from './type.js';

/** The annotations of one declaration, checked, and asked for by what they mean. */
export class Annotations {
  readonly #list: AppliedAnnotation[] = [];

  add(annotation: AppliedAnnotation): void {
    this.#list.push(annotation);
  }

  get all(): readonly AppliedAnnotation[] {
    return this.#list;
  }

  get(name: string): AppliedAnnotation | undefined {
    return this.#list.find((annotation) => annotation.name === name);
  }

  /** Where an annotation stands, or else another place. */
  span(name: string, otherwise: Span): Span {
    return this.get(name)?.span ?? otherwise;
  }

  /** Whether an annotation such as `@key` holds: alone it does, `@key(FALSE)` does not. */
  flag(name: string, otherwise = false): boolean {
    if (this.get(name) === undefined) return otherwise;
    const value = this.#parameter(name);
    return value?.kind === 'boolean' ? value.value : true;
  }

  /** The constant that an annotation gives. */
  constant(name: string, parameter?: string): ConstantValue | undefined {
    const value = this.#parameter(name, parameter);
    return value?.kind === 'word' ? undefined : value;
  }

  number(name: string): number | undefined {
    const value = this.#parameter(name);
    return value?.kind === 'integer' ? Number(value.value) : undefined;
  }

  text(name: string, parameter?: string): string | undefined {
    const value = this.#parameter(name, parameter);
    return value?.kind === 'string' ? value.value : undefined;
  }

  word(name: string): string | undefined {
    const value = this.#parameter(name);
    return value?.kind === 'word' ? value.value : undefined;
  }

  #parameter(name: string, parameter?: string): AnnotationValue | undefined {
    const parameters = this.get(name)?.parameters;
    return (parameter === undefined ? parameters?.[0] : parameters?.find((p) => p.name === parameter))?.value;
  }
}

/** The extensibility that annotations give, or else another: appendable by default (XTypes 1.3, 7.2.2.4.5). */
export function extensibilityOf(
  annotations: Annotations,
  { log }: Names,
  otherwise: Extensibility = 'appendable',
): Extensibility {
  let result: Extensibility | undefined;
  for (const { name, span } of annotations.all) {
    let given: Extensibility;
    if (name === 'extensibility') {
      given = annotations.word(name)!.toLowerCase() as Extensibility;
    } else if (name === 'final' || name === 'appendable' || name === 'mutable') given = name;
    else continue;
    if (result !== undefined && result !== given) {
      log.report('IDL4105', span, `This contradicts @${result}: keep one of them.`);
    }
    result ??= given;
  }
  return result ?? otherwise;
}

export function autoIdOf(annotations: Annotations, otherwise: AutoId): AutoId {
  const word = annotations.word('autoid');
  return word === undefined ? otherwise : word === 'HASH' ? 'hash' : 'sequential';
}

export function tryConstructOf(annotations: Annotations): TryConstruct {
  const word = annotations.word('try_construct');
  return word === 'USE_DEFAULT' ? 'useDefault' : word === 'TRIM' ? 'trim' : 'discard';
}

export function dataRepresentationsOf(annotations: Annotations): DataRepresentation[] | undefined {
  const words = annotations.word('data_representation');
  return words?.split('|') as DataRepresentation[] | undefined;
}
