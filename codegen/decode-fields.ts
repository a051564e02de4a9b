import { delimited, goOn, readValue } from './decode-values.js';
import { defaultText, isCheap } from './defaults.js';
import { shapeText } from './emit-types.js';
import { tagOf, type WireType, wireTypeOf } from './field.js';
import type { ModuleWriter } from './module-writer.js';
import { typeOnly } from './module-writer.js';
import type { Body } from './scalar-text.js';
import type { RepeatedShape, Shape } from './shape.js';
import { elementCount, isRepeated, isScalar } from './shape.js';
import type { Spot } from './try-construct.js';
import {
  attempt,
  canFail,
  elementSpot,
  isAttempted,
  keySpot,
  limitOf,
  listText,
  mended,
  plainSpot,
  valueSpot,
} from './try-construct.js';

/** A field, and the local variable that it is read into. */
export interface Slot {
  readonly spot: Spot;
  readonly number: number;
  readonly local: string;
  /** For messages. */
  readonly path: string;
  /** Asked for only where it is written, since it may be another module's: that is then imported. */
  readonly type: () => string;
  /** Whether it is known to be missing: then it is `undefined` before it comes, and what is repeated is in a message of its own. */
  readonly hasPresence: boolean;
  /** What it is where nothing comes. */
  readonly fallback: string;
  /** The local that says whether one of its elements did not fit, where that is not for what holds them. */
  readonly unfit?: string | undefined;
}

/** Where elements go, and how many at most. */
interface Target {
  readonly list: string;
  readonly limit: number | undefined;
}

/** Tags from here on take more than a byte. */
const longTag = 0x80;

/** Writes the lines that read the fields of protobuf messages into local variables. */
export class FieldReader {
  readonly #body: Body;
  readonly #module: ModuleWriter;
  /** Of the message that is being read: the local that holds the tag, and whether another may follow. */
  #message = { tag: '', next: '' };

  constructor(body: Body) {
    this.#body = body;
    this.#module = body.module;
  }

  /** The name of a local for a slot whose elements come one by one. */
  unfitFlag(spot: Spot, hasPresence: boolean, local: string): string | undefined {
    const { shape } = spot;
    if (hasPresence || !isAttempted(spot) || !isRepeated(shape)) return undefined;
    const elementsFail = canFail(this.#module.model, { ...shape, bound: undefined } as Shape);
    return elementsFail ? this.#body.locals.claim(`${local}IsUnfit`) : undefined;
  }

  /** The fields of a message, to its end. */
  all(slots: readonly Slot[]): void {
    for (const slot of slots) this.#declare(slot);
    this.#fields(slots, 'end');
  }

  /** The expression for what was read into a slot. */
  result({ spot, local, path, hasPresence, fallback, unfit }: Slot): string {
    const { shape } = spot;
    if (hasPresence || isCheap(shape)) return local;
    if (!isRepeated(shape)) return `${local} ?? ${fallback}`;
    if (!isAttempted(spot)) return this.#complete(spot, local, path);
    const whole = this.#complete({ ...spot, shape: { ...shape, bound: undefined } as Shape }, local, path);
    const tooMany =
      shape.kind !== 'array' && shape.bound !== undefined && `${local}.${countOf(shape)} > ${shape.bound}`;
    const conditions = [unfit, tooMany].filter((condition) => condition);
    return `${conditions.join(' || ')} ? ${spot.fallback} : ${whole}`;
  }

  #declare({ spot: { shape }, local, type, hasPresence, fallback, unfit }: Slot): void {
    const { lines } = this.#body;
    if (unfit !== undefined) lines.add(`let ${unfit} = false;`);
    if (isRepeated(shape) && !hasPresence) this.#declareRepeated(shape, local);
    else if (hasPresence || !isCheap(shape)) lines.add(`let ${local}${typeOnly(`: ${type()} | undefined`)};`);
    else {
      const annotation = shape.kind === 'enum' ? typeOnly(`: ${type()}`) : '';
      lines.add(`let ${local}${annotation} = ${fallback};`);
    }
  }

  /** Arrays of several dimensions come as one run of elements. */
  #declareRepeated(shape: RepeatedShape, local: string): void {
    const { lines } = this.#body;
    if (shape.kind === 'map')
      lines.add(`const ${local}${typeOnly(`: ${shapeText(this.#module, shape)}`)} = new Map();`);
    else lines.add(`const ${local}${typeOnly(`: ${listText(this.#module, shape)}`)} = [];`);
  }

  /**
   * The fields of `slots` up to `end`. They mostly come in the order in which they are written here: what follows a field is compared with
   * the tags of those after it, in one pass. A field that is out of order, or has a long tag, begins another.
   */
  #fields(slots: readonly Slot[], end: string): void {
    const { lines, locals } = this.#body;
    const outer = this.#message;
    const tag = locals.claim('tag');
    const begin = locals.claim('begin');
    const tagsAreShort = slots.every(({ number }) => tagOf(number, 0) < longTag);
    const next = `at < ${end}${tagsAreShort ? '' : ' && view.getUint8(at) < 0x80'}`;
    this.#message = { tag, next };
    lines.block(`while (at < ${end})`, () => {
      lines.add(`let ${tag} = reader.tag(at);`);
      goOn(this.#body);
      lines.add(`const ${begin} = at;`);
      for (const slot of slots) this.#field(slot);
      lines.add(`if (at === ${begin}) at = reader.skip(${tag}, at);`);
      lines.add(`else if (${tag} >= 0) at--;`);
    });
    this.#message = outer;
  }

  /** `if`, or `while` for what is repeated: reads a field where it comes next, and the tag after it. */
  #where(keyword: 'if' | 'while', number: number, wireType: WireType, read: () => void): void {
    const { tag, next } = this.#message;
    this.#body.lines.block(`${keyword} (${tag} === ${tagOf(number, wireType)})`, () => {
      read();
      this.#body.lines.add(`${tag} = ${next} ? view.getUint8(at++) : -1;`);
    });
  }

  #field({ spot, number, local, path, hasPresence, unfit }: Slot): void {
    const { shape } = spot;
    const assign = (text: string) => this.#body.lines.add(`${local} = ${text};`);
    if (isRepeated(shape) && !hasPresence)
      this.#elements(shape, number, { list: local, limit: limitOf(spot) }, path, unfit);
    else this.#where('if', number, wireTypeOf(shape), () => this.#read(spot, path, assign));
  }

  /** A repeated field that goes into a list or map; `unfit` is the local that is told where an element does not fit. */
  #elements(shape: RepeatedShape, number: number, target: Target, path: string, unfit?: string): void {
    const { list, limit } = target;
    const { lines } = this.#body;
    const each = (wireType: WireType, count: string, read: () => void) =>
      this.#where('while', number, wireType, () =>
        this.#unlessFull(count, limit, tagOf(number, wireType), () => this.#noting(unfit, read)),
      );
    if (shape.kind === 'map') {
      each(2, `${list}.size`, () => this.#entry(shape, list, path));
      return;
    }
    const spot = elementSpot(this.#module, shape);
    const one = () => this.#read(spot, path, (text) => lines.add(`${list}.push(${text});`));
    if (isScalar(spot.shape)) {
      const more = limit === undefined ? '' : ` && ${list}.length < ${limit}`;
      this.#where('if', number, 2, () =>
        this.#noting(unfit, () =>
          delimited(this.#body, () => {
            goOn(this.#body);
            lines.block(`while (at < reader.end${more})`, one);
          }),
        ),
      );
    }
    // Protobuf asks readers to take what is not packed, too.
    each(wireTypeOf(spot.shape), `${list}.length`, one);
  }

  /** What there is no room for is passed over, where what is too long is cut off. */
  #unlessFull(count: string, limit: number | undefined, tag: number, read: () => void): void {
    const { lines } = this.#body;
    if (limit === undefined) return read();
    lines.either(`${count} < ${limit}`, read, () => lines.add(`at = reader.skip(${tag}, at);`));
  }

  #noting(unfit: string | undefined, read: () => void): void {
    const { lines, locals } = this.#body;
    if (unfit === undefined) return read();
    const before = locals.claim('before');
    lines.add(`const ${before} = reader.attempt();`);
    read();
    lines.add(`if (reader.failed(${before})) ${unfit} = true;`);
  }

  /** An entry of a map: a message of a key and a value. */
  #entry(shape: Extract<Shape, { kind: 'map' }>, map: string, path: string): void {
    const slot = (spot: Spot, name: string, number: number): Slot => ({
      spot,
      number,
      local: this.#body.locals.claim(name),
      path,
      type: () => shapeText(this.#module, spot.shape),
      hasPresence: isRepeated(spot.shape),
      fallback: defaultText(this.#module, spot.shape),
    });
    const slots = [
      slot(keySpot(this.#module, shape), 'entryKey', 1),
      slot(valueSpot(this.#module, shape), 'entryValue', 2),
    ];
    for (const each of slots) this.#declare(each);
    delimited(this.#body, () => {
      goOn(this.#body);
      this.#fields(slots, 'reader.end');
    });
    const values = slots.map(({ spot, local, fallback }) =>
      isCheap(spot.shape) ? local : `${local} ?? ${fallback}`,
    );
    this.#body.lines.add(`${map}.set(${values.join(', ')});`);
  }

  /** Reads one value; gives the expression for what is taken to `use`, once the lines before it are written. */
  #read(spot: Spot, path: string, use: (text: string) => void): void {
    if (!isAttempted(spot)) return this.#value(spot, path, use);
    const { value, taken } = attempt(this.#body, spot);
    this.#value(plainSpot(spot.shape), path, (text) => this.#body.lines.add(`const ${value} = ${text};`));
    use(taken);
  }

  #value(spot: Spot, path: string, use: (text: string) => void): void {
    if (isRepeated(spot.shape)) this.#wrapped(spot, path, use);
    else readValue(this.#body, spot, path, use);
  }

  /** A message of one repeated field. */
  #wrapped(spot: Spot, path: string, use: (text: string) => void): void {
    const shape = spot.shape as RepeatedShape;
    const list = this.#body.locals.claim('inner');
    const type = () => shapeText(this.#module, shape);
    this.#declareRepeated(shape, list);
    delimited(this.#body, () => {
      goOn(this.#body);
      this.#fields(
        [{ spot, number: 1, local: list, path, type, hasPresence: false, fallback: '' }],
        'reader.end',
      );
    });
    use(this.#complete(spot, list, path));
  }

  /** Checks the number of elements of a list; returns the expression for it in its own dimensions. */
  #complete(spot: Spot, list: string, path: string): string {
    const { lines } = this.#body;
    const shape = spot.shape as RepeatedShape;
    if (shape.kind !== 'array') {
      if (shape.bound !== undefined && limitOf(spot) === undefined)
        lines.add(`reader.checkSequence(${list}.${countOf(shape)}, ${shape.bound}, ${path});`);
      return list;
    }
    const count = elementCount(shape.dimensions);
    const element = defaultText(this.#module, shape.element);
    // A writer of an older version did not send it at all.
    lines.block(`if (${list}.length === 0)`, () => {
      lines.add(`for (let i = 0; i < ${count}; i++) ${list}.push(${element});`);
    });
    lines.add(`reader.checkArray(${list}.length, ${count}, ${path});`);
    let text = mended(this.#body, shape, list);
    for (const size of shape.dimensions.slice(1).reverse())
      text = `${this.#module.support('rows')}(${text}, ${size})`;
    return text;
  }
}

function countOf({ kind }: RepeatedShape): 'size' | 'length' {
  return kind === 'map' ? 'size' : 'length';
}
