import { createHash } from 'node:crypto';
import type { Annotations } from './annotation-set.js';
import { tryConstructOf } from './annotation-set.js';
import type { CheckContext } from './check-context.js';
import type { Identifier } from './expression-syntax.js';
import type { AutoId, MemberModel } from './model.js';
import { declaratorType, referenceIn, reportIncomplete, resolveType } from './resolve-type.js';
import type { Scope } from './scope.js';
import { spanTo } from './source.js';
import type { Span } from './source.js';
import type { MemberSyntax } from './syntax.js';
import type { ConstantValue, Type } from './type.js';
import { compareNumbers, rangeOf } from './value-range.js';

/** Member ids have 28 bits (XTypes 1.3, 7.2.2.4.4.4). */
const memberIdMax = 0x0fff_ffff;

/** The id that the hash of a text gives (XTypes 1.3, 7.3.1.2.1.1): the first four bytes of its MD5, the lowest first. */
export function hashedId(text: string): number {
  return createHash('md5').update(text, 'utf8').digest().readUInt32LE(0) & memberIdMax;
}

/** Turns the members of one struct, union, exception or value type into their models, and numbers them. */
export class MemberChecker {
  readonly #context: CheckContext;
  readonly #scope: Scope;
  readonly #place: 'member' | 'case';
  readonly #autoId: AutoId;
  readonly #references: boolean;
  readonly #ids = new Map<number, { name: string; span: Span }>();
  #nextId: number;

  constructor(
    context: CheckContext,
    scope: Scope,
    {
      place = 'member',
      autoId = 'sequential',
      inherited = [],
      firstId = 0,
      references = false,
    }: {
      place?: 'member' | 'case';
      autoId?: AutoId;
      inherited?: readonly MemberModel[];
      firstId?: number;
      /** Whether members can be interfaces and value types: those of a value type, which is a reference itself. */
      references?: boolean;
    } = {},
  ) {
    this.#context = context;
    this.#scope = scope;
    this.#place = place;
    this.#autoId = autoId;
    this.#references = references;
    for (const { id, name, span } of inherited) this.#ids.set(id, { name, span });
    const last = inherited.at(-1);
    this.#nextId = last === undefined ? firstId : last.id + 1;
  }

  /** One declaration: several members where it has several names. */
  check(syntax: MemberSyntax): MemberModel[] {
    const context = this.#context;
    const base = resolveType(syntax.type, this.#scope, context, { references: this.#references });
    const models: MemberModel[] = [];
    for (const declarator of syntax.declarators) {
      const { name } = declarator;
      const whole = declaratorType(base, declarator, this.#scope, context);
      const annotations = context.annotations(syntax.annotations, this.#place, this.#scope, whole);
      const type = whole && this.#dataType(whole, syntax, annotations);
      context.declareMember(this.#scope, name);
      const identity = this.#identify(annotations, name);
      this.#checkFlags(annotations, name);
      if (type !== undefined) models.push(this.#model(syntax, annotations, name, type, identity));
    }
    return models;
  }

  /** A type that a sample can hold by value or, where it is held from elsewhere or can be left out, by reference. */
  #dataType(type: Type, { type: { span } }: MemberSyntax, annotations: Annotations): Type | undefined {
    const held = annotations.flag('external') || annotations.flag('optional');
    const references = this.#references;
    if (!held && reportIncomplete(type, span, this.#context, { references })) return undefined;
    const reference = references ? undefined : referenceIn(type, this.#context);
    if (reference === undefined) return type;
    const notes = [{ message: 'It is declared here.', span: reference.span }];
    const message = `'${reference.name}' is no type of data: a sample cannot hold it.`;
    this.#context.log.report('IDL3004', span, message, notes);
    return undefined;
  }

  #model(
    syntax: MemberSyntax,
    annotations: Annotations,
    name: Identifier,
    type: Type,
    { id, hashId }: { id: number; hashId: string | undefined },
  ): MemberModel {
    const key = annotations.flag('key');
    const { min, max } = rangeOf(annotations, type, this.#context, name.span);
    const value = annotations.constant('default');
    if (value !== undefined) this.#checkDefault(annotations.span('default', name.span), value, min, max);
    return {
      name: name.text,
      id,
      type,
      key,
      optional: annotations.flag('optional'),
      external: annotations.flag('external'),
      mustUnderstand: key || annotations.flag('must_understand'),
      tryConstruct: tryConstructOf(annotations),
      default: value,
      min,
      max,
      unit: annotations.text('unit'),
      hashId,
      doc: syntax.doc,
      annotations: annotations.all,
      span: name.span,
    };
  }

  #identify(
    annotations: Annotations,
    { text, span }: Identifier,
  ): { id: number; hashId: string | undefined } {
    const { log } = this.#context;
    const explicit = annotations.number('id');
    const given = annotations.text('hashid');
    if (explicit !== undefined && given !== undefined) {
      const message = 'This contradicts @id: a member has one id. Keep one of them.';
      log.report('IDL4105', annotations.span('hashid', span), message);
    }
    const hashed = explicit === undefined && (given !== undefined || this.#autoId === 'hash');
    const hashId = hashed ? given || text : undefined;
    let id = explicit ?? (hashId === undefined ? this.#nextId : hashedId(hashId));
    const at = annotations.span('id', annotations.span('hashid', span));
    if (id > memberIdMax) {
      log.report('IDL4108', at, `The id ${id} is too large: at most ${memberIdMax} is allowed.`);
      id = memberIdMax;
    } else {
      const other = this.#ids.get(id);
      if (other === undefined) this.#ids.set(id, { name: text, span });
      else {
        const notes = [{ message: `'${other.name}' is here.`, span: other.span }];
        const which = hashId === undefined ? `The id ${id}` : `The hash of '${hashId}', ${id},`;
        const message = `${which} is already the id of '${other.name}': give '${text}' another by @id.`;
        log.report('IDL4106', at, message, notes);
      }
    }
    this.#nextId = id + 1;
    return { id, hashId };
  }

  #checkFlags(annotations: Annotations, { text, span }: Identifier): void {
    if (!annotations.flag('optional')) return;
    const { log } = this.#context;
    const optional = annotations.span('optional', span);
    if (annotations.flag('key')) {
      const message = `The key member '${text}' cannot be @optional: an instance without it has no key.`;
      log.report('IDL4107', spanTo(optional, span), message);
    }
    if (annotations.get('default') !== undefined) {
      const message = `'${text}' cannot be @optional and have a @default: what is left out would be two things.`;
      log.report('IDL4105', annotations.span('default', span), message);
    }
  }

  #checkDefault(span: Span, value: ConstantValue, min?: ConstantValue, max?: ConstantValue): void {
    const below = min !== undefined && compareNumbers(value, min) < 0;
    const above = max !== undefined && compareNumbers(value, max) > 0;
    if (!below && !above) return;
    const message = `This default is not in the range that the member has: ${below ? 'it is below' : 'it is above'} it.`;
    this.#context.log.report('IDL4105', span, message);
  }
}
