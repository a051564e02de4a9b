import type { Annotations } from './annotations.js';
import { checkAnnotations, extensibilityOf, flag, parameterOf } from './annotations.js';
import { constantOf, typeText } from './constants.js';
import type { ConstantValue, Definition, MemberModel, StructModel, Type } from './model.js';
import { resolveTypedefs } from './model.js';
import type { Names } from './names.js';
import { arrayElementsMax, declaratorType, resolveType } from './resolve-type.js';
import type { Scope } from './scope.js';
import { spanTo } from './source.js';
import type { Declarator, MemberSyntax, StructSyntax } from './syntax.js';

/** Member ids have 28 bits (XTypes 1.3, 7.2.2.4.4.4). */
const memberIdMax = 0x0fff_ffff;

/** Turns a struct's syntax into its model. */
export class StructChecker {
  readonly #names: Names;
  readonly #definitions: ReadonlyMap<string, Definition>;
  /** Elements of fixed arrays within each struct, so that nesting cannot multiply them without limit. */
  readonly #weights = new Map<string, number>();

  constructor(names: Names, definitions: ReadonlyMap<string, Definition>) {
    this.#names = names;
    this.#definitions = definitions;
  }

  check(syntax: StructSyntax, outer: Scope, inner: Scope): StructModel {
    const names = this.#names;
    const annotations = checkAnnotations(syntax.annotations, 'struct', names);
    const topic = flag(annotations, 'topic', outer, names);
    const nested = flag(annotations, 'nested', outer, names);
    if (topic && nested) {
      const { span } = annotations.get('nested')!;
      names.log.report(
        'IDL4105',
        span,
        'This contradicts @topic: a nested type is no topic. Keep one of them.',
      );
    }
    const members: MemberModel[] = [];
    const ids = new Map<number, string>();
    let nextId = 0;
    for (const member of syntax.members) {
      const type = resolveType(member.type, inner, names);
      const own = checkAnnotations(member.annotations, 'member', names);
      for (const declarator of member.declarators) {
        const full = declaratorType(type, declarator, inner, names);
        const { name } = declarator;
        if (name.text === '__proto__') {
          // In JavaScript a property of this name is not a property.
          names.log.report(
            'IDL2005',
            name.span,
            "A member cannot be called '__proto__': choose another name.",
          );
        }
        names.declare(inner, name, { kind: 'member', name: inner.qualify(name.text), span: name.span });
        const id = this.#memberId(own, nextId, declarator, inner, ids);
        nextId = id + 1;
        const model = this.#member(own, member, declarator, id, full, inner);
        if (model !== undefined) members.push(model);
      }
    }
    const model: StructModel = {
      kind: 'struct',
      name: inner.name,
      modules: outer.modules,
      localName: syntax.name.text,
      file: syntax.name.span.file.path,
      span: syntax.name.span,
      doc: syntax.doc,
      extensibility: extensibilityOf(annotations, names),
      topic,
      nested,
      members,
    };
    this.#weigh(model);
    return model;
  }

  #memberId(
    annotations: Annotations,
    next: number,
    { name }: Declarator,
    scope: Scope,
    ids: Map<number, string>,
  ): number {
    const { log } = this.#names;
    const annotation = annotations.get('id');
    let id = next;
    if (annotation !== undefined) {
      const parameter = parameterOf(annotation, this.#names);
      const type: Type = { kind: 'primitive', name: 'uint32' };
      const value = parameter && constantOf(parameter, type, scope, this.#names);
      if (value?.kind === 'integer') id = Number(value.value);
    }
    const span = annotation?.span ?? name.span;
    if (id > memberIdMax) {
      log.report('IDL4108', span, `The id ${id} is too large: at most ${memberIdMax} is allowed.`);
      return memberIdMax;
    }
    const other = ids.get(id);
    if (other === undefined) ids.set(id, name.text);
    else
      log.report('IDL4106', span, `The id ${id} is already that of '${other}': give '${name.text}' another.`);
    return id;
  }

  #member(
    annotations: Annotations,
    syntax: MemberSyntax,
    { name }: Declarator,
    id: number,
    type: Type | undefined,
    scope: Scope,
  ): MemberModel | undefined {
    const names = this.#names;
    const key = flag(annotations, 'key', scope, names);
    const optional = flag(annotations, 'optional', scope, names);
    if (key && optional) {
      const message = `The key member '${name.text}' cannot be @optional: an instance without it has no key.`;
      names.log.report('IDL4107', spanTo(annotations.get('optional')!.span, name.span), message);
    }
    let value: ConstantValue | undefined;
    const annotation = annotations.get('default');
    if (annotation !== undefined) {
      if (optional) {
        const message = `'${name.text}' cannot be @optional and have a @default: what is left out would be two things.`;
        names.log.report('IDL4105', annotation.span, message);
      }
      const parameter = parameterOf(annotation, names);
      if (parameter !== undefined && type !== undefined) {
        value = constantOf(parameter, this.#resolve(type), scope, names);
      }
    }
    if (type === undefined) return undefined;
    if (key) this.#checkKeyType(type, syntax, name.text);
    return { name: name.text, id, type, key, optional, default: value, doc: syntax.doc, span: name.span };
  }

  #checkKeyType(type: Type, syntax: MemberSyntax, name: string): void {
    const resolved = this.#resolve(type);
    if (resolved.kind !== 'array' && resolved.kind !== 'sequence') return;
    const element = this.#resolve(resolved.element);
    if (element.kind === 'primitive') return;
    const message = `The key member '${name}' holds several of ${typeText(element)}, which is not supported yet: use primitive elements.`;
    this.#names.log.report('IDL5002', syntax.type.span, message);
  }

  #resolve(type: Type): Type {
    return resolveTypedefs({ definitions: this.#definitions }, type);
  }

  #weigh(struct: StructModel): void {
    let sum = 0;
    for (const member of struct.members) {
      const weight = this.#weight(member.type);
      sum += weight;
      if (sum > arrayElementsMax) {
        const message = `The arrays up to '${member.name}' have more than ${arrayElementsMax} elements together: use a sequence.`;
        this.#names.log.report('IDL4007', member.span, message);
        // Once reported, it is not to be reported for each type that holds this one.
        sum = 1;
        break;
      }
    }
    this.#weights.set(struct.name, sum);
  }

  #weight(type: Type): number {
    const resolved = this.#resolve(type);
    if (resolved.kind === 'array') {
      return resolved.dimensions.reduce((product, size) => product * size, this.#weight(resolved.element));
    }
    return resolved.kind === 'named' ? (this.#weights.get(resolved.name) ?? 1) : 1;
  }
}
