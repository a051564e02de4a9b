import { tryConstructOf } from './annotation-set.js';
import type { CheckContext } from './check-context.js';
import { MemberChecker } from './check-members.js';
import { aggregate } from './check-struct.js';
import { constantOf, integerRanges } from './constants.js';
import { resolveType } from './resolve-type.js';
import type { Scope } from './scope.js';
import type { Span } from './source.js';
import type { CaseSyntax, UnionSyntax } from './syntax.js';
import type { ConstantValue, Type } from './type.js';
import { typeText } from './type-text.js';
import type { MemberModel, UnionCaseModel, UnionModel } from './model.js';

/** Turns a union's syntax into its model; `undefined` after reporting where its discriminator is none. */
export function checkUnion(
  syntax: UnionSyntax,
  outer: Scope,
  inner: Scope,
  context: CheckContext,
): UnionModel | undefined {
  const annotations = context.annotations(syntax.annotations, 'union', outer);
  const common = aggregate(annotations, outer, context);
  const { discriminator: written } = syntax;
  const discriminator = discriminatorOf(syntax, outer, context);
  const own = context.annotations(written.annotations, 'discriminator', outer, discriminator);
  const labels = new Labels(discriminator && context.resolve(discriminator), inner, context);
  const members = new MemberChecker(context, inner, { place: 'case', autoId: common.autoId, firstId: 1 });
  const cases: UnionCaseModel[] = [];
  for (const { labels: given, member } of syntax.cases) {
    const { values, isDefault } = labels.check(given);
    const [model] = members.check(member);
    if (model?.id === 0 && common.extensibility === 'mutable') reportZeroId(model, context);
    if (model !== undefined) cases.push({ labels: values, isDefault, member: model });
  }
  labels.finish();
  if (discriminator === undefined) return undefined;
  const key = own.flag('key');
  return {
    kind: 'union',
    ...context.common(syntax.name, outer, syntax.doc, annotations),
    ...common,
    discriminator,
    discriminatorKey: key,
    discriminatorTryConstruct: tryConstructOf(own),
    discriminatorDefault: own.constant('default'),
    cases,
    implicitDefault: labels.leaveValues,
  };
}

/** In a mutable union the discriminator is a member like the others, and has that id. */
function reportZeroId({ name, span }: MemberModel, { log }: CheckContext): void {
  log.report('IDL4106', span, `The id 0 is that of the discriminator: give '${name}' another by @id.`);
}

function discriminatorOf(
  { discriminator: { type: syntax } }: UnionSyntax,
  scope: Scope,
  context: CheckContext,
): Type | undefined {
  const type = resolveType(syntax, scope, context);
  if (type === undefined) return undefined;
  const resolved = context.resolve(type);
  const simple = resolved.kind === 'primitive' && !['float', 'double', 'longdouble'].includes(resolved.name);
  const kind = context.definitionOf(resolved)?.kind;
  if (simple || kind === 'enum' || kind === 'bitmask') return type;
  const message = `A union cannot be switched by ${typeText(type)}: use an integer, a character, a boolean, an enum or a bitmask.`;
  context.log.report('IDL4201', syntax.span, message);
  return undefined;
}

/** The labels of one union. */
class Labels {
  readonly #type: Type | undefined;
  readonly #scope: Scope;
  readonly #context: CheckContext;
  readonly #seen = new Map<string, Span>();
  #default: Span | undefined;

  constructor(type: Type | undefined, scope: Scope, context: CheckContext) {
    this.#type = type;
    this.#scope = scope;
    this.#context = context;
  }

  /** The values of the labels of one case. */
  check(syntax: CaseSyntax['labels']): { values: ConstantValue[]; isDefault: boolean } {
    const values: ConstantValue[] = [];
    let isDefault = false;
    for (const label of syntax) {
      if (label.kind === 'default') {
        isDefault = true;
        this.#takeDefault(label.span);
        continue;
      }
      const { names } = this.#context;
      const value = this.#type && constantOf(label.value, this.#type, this.#scope, names);
      if (value !== undefined && this.#take(value, label.value.span)) values.push(value);
    }
    return { values, isDefault };
  }

  #takeDefault(span: Span): void {
    const { log } = this.#context;
    if (this.#default === undefined) this.#default = span;
    else {
      const notes = [{ message: 'The first is here.', span: this.#default }];
      log.report('IDL4203', span, 'A union has one default case: remove this one.', notes);
    }
  }

  #take(value: ConstantValue, span: Span): boolean {
    const key = String(value.value);
    const first = this.#seen.get(key);
    if (first === undefined) {
      this.#seen.set(key, span);
      return true;
    }
    const notes = [{ message: 'It is used here first.', span: first }];
    const message = 'This label selects another case already: remove one of them.';
    this.#context.log.report('IDL4202', span, message, notes);
    return false;
  }

  /** Whether some value of the discriminator selects no case. */
  get leaveValues(): boolean {
    return this.#default === undefined && !this.#coverAll();
  }

  finish(): void {
    if (this.#default === undefined || this.#type === undefined || !this.#coverAll()) return;
    const message =
      'The labels cover every value already: only one that is added later would select this default.';
    this.#context.log.report('IDL4204', this.#default, message);
  }

  #coverAll(): boolean {
    const type = this.#type;
    if (type === undefined) return false;
    if (type.kind === 'named') {
      const definition = this.#context.model.get(type.name);
      if (definition?.kind === 'bitmask') return this.#seen.size >= 2 ** definition.flags.length;
      return definition?.kind === 'enum' && this.#seen.size >= definition.enumerators.length;
    }
    if (type.kind !== 'primitive') return false;
    return BigInt(this.#seen.size) >= valueCount(type.name);
  }
}

function valueCount(name: (Type & { kind: 'primitive' })['name']): bigint {
  const range = integerRanges[name];
  if (range !== undefined) return range[1] - range[0] + 1n;
  return name === 'boolean' ? 2n : name === 'char' ? 256n : 65536n;
}
