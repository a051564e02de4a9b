import type { MemberModel, UnionModel } from '../idl/index.js';
import { allMembers } from '../idl/index.js';
import { CodeLines, uses } from './code-lines.js';
import { LocalNames } from './local-names.js';
import { memberValue } from './member-value.js';
import type { ModuleWriter } from './module-writer.js';
import { functionHead } from './module-writer.js';
import type { Alignment, Phase } from './phase.js';
import { advanced, aligned, anywhere, met, padding } from './phase.js';
import { nested } from './recursion.js';
import { checked, placeText } from './scalar-text.js';
import type { Aggregate, ScalarShape, Shape } from './shape.js';
import { elementCount, isScalar, shapeOf, unbounded } from './shape.js';
import { fixedBytes } from './support/index.js';
import { branchesOf, discriminatorOf, takeDiscriminator, writeBranches } from './union-branches.js';
import {
  alignmentOf,
  isPrimitive,
  isPrimitiveArray,
  isPrimitiveMap,
  lengthCode,
  scalarSize,
  storeText,
} from './xcdr2-form.js';

/** Writes the function that encodes one struct or union as XCDR2, straight into memory. */
export function emitXcdr2Encode(module: ModuleWriter, aggregate: Aggregate): string {
  return new Xcdr2EncodeEmitter(module, aggregate).emit();
}

/**
 * Values of fixed size one after the other are put by one check of the room and constant offsets: they are gathered (`#put`) until
 * something else comes (`#flush`).
 */
class Xcdr2EncodeEmitter {
  readonly #module: ModuleWriter;
  readonly #lines = new CodeLines();
  readonly #locals: LocalNames;
  #phase: Phase = anywhere;
  #gathered: string[] = [];
  #gatheredBytes = 0;

  readonly #owner: Aggregate;

  constructor(module: ModuleWriter, owner: Aggregate) {
    this.#module = module;
    this.#owner = owner;
    this.#locals = new LocalNames(module);
  }

  emit(): string {
    const owner = this.#owner;
    const names = this.#module.names.get(owner.name)!;
    const doc =
      `/** Writes a \`${owner.name}\` as XCDR2, aligned by its distance from \`origin\`; ` +
      `returns its end, or -1 where it does not fit. */\n`;
    const isFinal = owner.extensibility === 'final';
    if (!isFinal) this.#phase = aligned(4);
    if (owner.kind === 'union') this.#union(owner);
    else for (const member of allMembers(this.#module.model, owner)) this.#member(member);
    this.#flush();
    return doc + this.#function(names.encodeXcdr2, names.type, !isFinal);
  }

  get #isMutable(): boolean {
    return this.#owner.extensibility === 'mutable';
  }

  /** The discriminator, and what it selects. In a mutable union it is a member of the id 0. */
  #union(union: UnionModel): void {
    const branches = branchesOf(this.#module, union);
    const shape = discriminatorOf(this.#module, union);
    const written = takeDiscriminator(this.#body, union, branches);
    const write = () => this.#store(shape, written);
    if (this.#isMutable) this.#behindHeader(shape, 0, true, write);
    else write();
    this.#flush();
    const before = this.#phase;
    const ends: Phase[] = [];
    writeBranches(this.#body, union, branches, (member) => {
      this.#phase = before;
      this.#member(member);
      this.#flush();
      ends.push(this.#phase);
    });
    this.#phase = ends.reduce(met, before);
  }

  #function(name: string, type: string, isDelimited: boolean): string {
    const lines = nested(this.#module, this.#owner, this.#lines.text);
    // Asked for only where it is used, or its import would be one too many.
    const open = () => `${this.#module.support('openLengthXcdr2')}(bytes, offset, limit, origin)`;
    const body = isDelimited
      ? `  const start = ${open()};\n  if (start < 0) return -1;\n  let end = start;\n${lines}` +
        `  view.setUint32(start - 4, end - start, true);\n  return end;\n`
      : `  let end = offset;\n${lines}  return end;\n`;
    const used = ['bytes', 'view'].filter((word) => uses(body, word));
    const memory = `  const { ${used.join(', ')} } = target;\n`;
    const text = (used.length > 0 ? memory : '') + body;
    const parameters: [string, string][] = [
      ['sample', type],
      ['target', this.#module.supportType('Memory')],
      ['offset', 'number'],
      ['limit', 'number'],
      ['origin', 'number'],
    ];
    return `${functionHead(name, parameters, 'number', text)}${text}}\n`;
  }

  #member(member: MemberModel): void {
    const shape = shapeOf(this.#module.model, member.type);
    const { value, path } = memberValue(this.#body, this.#owner, member);
    const write = () => this.#value(shape, value, path);
    const headed = () =>
      this.#isMutable ? this.#behindHeader(shape, member.id, member.mustUnderstand, write) : write();
    if (!member.optional) {
      headed();
      return;
    }
    // A mutable type just leaves out what is not there.
    if (!this.#isMutable) this.#put(1, 1, (at) => `bytes[${at}] = ${value} === undefined ? 0 : 1`);
    this.#onlyIf(`${value} !== undefined`, headed);
  }

  /** A member of a mutable type has its id and its length before it. */
  #behindHeader(shape: Shape, id: number, mustUnderstand: boolean, write: () => void): void {
    const code = lengthCode(shape);
    const header = `0x${((mustUnderstand ? 0x8000_0000 : 0) + code * 0x1000_0000 + id).toString(16)}`;
    this.#put(4, 4, (at) => `view.setUint32(${at}, ${header}, true)`);
    if (code === 4) this.#withLength(write);
    else write();
  }

  #onlyIf(condition: string, body: () => void): void {
    this.#flush();
    const before = this.#phase;
    this.#lines.block(`if (${condition})`, () => {
      body();
      this.#flush();
    });
    this.#phase = met(before, this.#phase);
  }

  /** What has its length in bytes before it. */
  #withLength(body: () => void): void {
    const lines = this.#lines;
    this.#flush();
    const begin = this.#locals.claim('begin');
    if (padding(this.#phase, 4) === 0) {
      lines.add('if (limit - end < 4) return -1;');
      lines.add('end += 4;');
      lines.add(`const ${begin} = end;`);
    } else {
      lines.add(`const ${begin} = ${this.#support('openLengthXcdr2')}(bytes, end, limit, origin);`);
      lines.add(`if (${begin} < 0) return -1;`);
      lines.add(`end = ${begin};`);
    }
    this.#phase = aligned(4);
    body();
    this.#flush();
    lines.add(`view.setUint32(${begin} - 4, end - ${begin}, true);`);
  }

  #value(shape: Shape, value: string, path: string): void {
    const lines = this.#lines;
    if (isScalar(shape)) {
      this.#scalar(shape, value, path);
      return;
    }
    switch (shape.kind) {
      case 'string':
        this.#call('writeStringXcdr2', value, shape.bound ?? unbounded, path);
        return;
      case 'wstring':
        this.#call('writeWstringXcdr2', value, shape.bound ?? unbounded, path);
        return;
      case 'fixed': {
        const text = this.#locals.claim('decimal');
        const { digits, scale } = shape;
        lines.add(`const ${text} = ${this.#support('fixedText')}(${value}, ${digits}, ${scale}, ${path});`);
        this.#put(
          fixedBytes(digits),
          1,
          (at) => `${this.#support('setFixed')}(bytes, ${at}, ${text}, ${digits})`,
        );
        return;
      }
      case 'bytes': {
        const { length } = shape;
        if (length === undefined) {
          this.#call('writeBytesXcdr2', value, shape.bound ?? unbounded, path);
          return;
        }
        lines.add(`${this.#support('checkByteArray')}(${value}, ${length}, ${path});`);
        this.#put(length, 1, (at) => `bytes.set(${value}, ${at})`);
        return;
      }
      case 'struct':
      case 'union':
        lines.add(`${this.#support('checkObject')}(${value}, ${path});`);
        this.#nested(this.#module.named(shape.model, 'encodeXcdr2'), value);
        return;
      case 'sequence':
        lines.add(`${this.#support('checkSequence')}(${value}, ${shape.bound ?? unbounded}, ${path});`);
        this.#sequence(shape.element, value, path);
        return;
      case 'array':
        this.#array(shape, value, path);
        return;
      case 'map':
        lines.add(`${this.#support('checkMap')}(${value}, ${shape.bound ?? unbounded}, ${path});`);
        this.#map(shape, value, path);
    }
  }

  #scalar(shape: ScalarShape, value: string, path: string): void {
    this.#store(shape, checked(this.#body, shape, value, path));
  }

  #store(shape: ScalarShape, written: string): void {
    this.#put(scalarSize(shape), alignmentOf(shape), (at) => storeText(this.#module, shape, at, written));
  }

  #map(shape: Extract<Shape, { kind: 'map' }>, map: string, path: string): void {
    const key = this.#locals.claim('entryKey');
    const value = this.#locals.claim('entryValue');
    const write = () => {
      this.#put(4, 4, (at) => `view.setUint32(${at}, ${map}.size, true)`);
      this.#loop(`[${key}, ${value}]`, map, () => {
        this.#value(shape.key, key, path);
        this.#value(shape.value, value, path);
      });
    };
    if (isPrimitiveMap(shape)) write();
    else this.#withLength(write);
  }

  #nested(encode: string, value: string): void {
    this.#flush();
    this.#lines.add(`end = ${encode}(${value}, target, end, limit, origin);`);
    this.#lines.add('if (end < 0) return -1;');
    this.#phase = anywhere;
  }

  /** A function of the support library that writes a value of any length, aligning it. */
  #call(name: string, value: string, ...rest: (string | number)[]): void {
    this.#flush();
    const given = ['target', 'end', 'limit', 'origin', value, ...rest].join(', ');
    this.#lines.add(`end = ${this.#support(name)}(${given});`);
    this.#lines.add('if (end < 0) return -1;');
    this.#phase = anywhere;
  }

  #sequence(element: Shape, value: string, path: string): void {
    if (!isScalar(element)) {
      this.#withLength(() => {
        this.#put(4, 4, (at) => `view.setUint32(${at}, ${value}.length, true)`);
        this.#each([], value, path, (item) => this.#value(element, item, path));
      });
      return;
    }
    const size = scalarSize(element);
    const bytes = size === 1 ? `${value}.length` : `${value}.length * ${size}`;
    if (!isPrimitive(element)) this.#put(4, 4, (at) => `view.setUint32(${at}, 4 + ${bytes}, true)`);
    this.#put(4, 4, (at) => `view.setUint32(${at}, ${value}.length, true)`);
    this.#flush();
    this.#scalars(element, [], value, bytes, path);
  }

  #array(shape: Extract<Shape, { kind: 'array' }>, value: string, path: string): void {
    const { dimensions, element } = shape;
    const [first, ...inner] = dimensions;
    this.#lines.add(`${this.#support('checkArray')}(${value}, ${first}, ${path});`);
    if (!isScalar(element)) {
      const write = () => this.#each(inner, value, path, (item) => this.#value(element, item, path));
      if (isPrimitiveArray(shape)) write();
      else this.#withLength(write);
      return;
    }
    const bytes = elementCount(dimensions) * scalarSize(element);
    if (!isPrimitive(element)) this.#put(4, 4, (at) => `view.setUint32(${at}, ${bytes}, true)`);
    this.#align(alignmentOf(element));
    this.#flush();
    this.#scalars(element, inner, value, `${bytes}`, path);
  }

  /** Scalars one after the other, where the first is aligned: `bytes` is how many they take. */
  #scalars(
    element: ScalarShape,
    inner: readonly number[],
    values: string,
    bytes: string,
    path: string,
  ): void {
    const lines = this.#lines;
    lines.add(`if (limit - end < ${bytes}) return -1;`);
    this.#each(inner, values, path, (value) => {
      const written = checked(this.#body, element, value, path);
      lines.add(`${storeText(this.#module, element, 'end', written)};`);
      lines.add(`end += ${scalarSize(element)};`);
    });
    this.#phase = aligned(alignmentOf(element));
  }

  /** A loop for each dimension. */
  #each(inner: readonly number[], values: string, path: string, body: (value: string) => void): void {
    const value = this.#locals.claim(inner.length > 0 ? 'row' : 'element');
    this.#loop(value, values, () => {
      if (inner.length === 0) {
        body(value);
        return;
      }
      this.#lines.add(`${this.#support('checkArray')}(${value}, ${inner[0]}, ${path});`);
      this.#each(inner.slice(1), value, path, body);
    });
  }

  #loop(item: string, items: string, body: () => void): void {
    this.#flush();
    this.#phase = anywhere;
    this.#lines.block(`for (const ${item} of ${items})`, () => {
      body();
      this.#flush();
    });
    this.#phase = anywhere;
  }

  /** Gathers a store of fixed size, with zeros before it to where it is aligned. */
  #put(size: number, alignment: Alignment, store: (at: string) => string): void {
    this.#align(alignment);
    this.#gathered.push(`${store(placeText('end', this.#gatheredBytes))};`);
    this.#gatheredBytes += size;
    this.#phase = advanced(this.#phase, size);
  }

  #align(alignment: Alignment): void {
    const pad = padding(this.#phase, alignment);
    if (pad === undefined) {
      this.#flush();
      this.#lines.add(`end = ${this.#support('alignXcdr2')}(bytes, end, limit, origin, ${alignment});`);
      this.#lines.add('if (end < 0) return -1;');
      this.#phase = aligned(alignment);
      return;
    }
    for (let i = 0; i < pad; i++)
      this.#gathered.push(`bytes[${placeText('end', this.#gatheredBytes + i)}] = 0;`);
    this.#gatheredBytes += pad;
    this.#phase = advanced(this.#phase, pad);
  }

  #flush(): void {
    if (this.#gatheredBytes === 0) return;
    const lines = this.#lines;
    lines.add(`if (limit - end < ${this.#gatheredBytes}) return -1;`);
    for (const store of this.#gathered) lines.add(store);
    lines.add(`end += ${this.#gatheredBytes};`);
    this.#gathered = [];
    this.#gatheredBytes = 0;
  }

  get #body() {
    return { module: this.#module, lines: this.#lines, locals: this.#locals };
  }

  #support(name: string): string {
    return this.#module.support(name);
  }
}
