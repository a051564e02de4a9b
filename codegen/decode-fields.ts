import { delimited, goOn, readValue } from './decode-values.js';
import { defaultText, isCheap } from './defaults.js';
import { shapeText } from './emit-types.js';
import { tagOf, wireTypeOf } from './field.js';
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
  readonly type: string;
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

/** Writes the lines that read the fields of protobuf messages into local variables. */
export class FieldReader {
  readonly #body: Body;
  readonly #module: ModuleWriter;

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
    this.#body.lines.block('while (at < end)', () =>
      this.#fields('tag', () => {
        for (const slot of slots) this.#cases(slot);
      }),
    );
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
    else if (hasPresence || !isCheap(shape)) lines.add(`let ${local}${typeOnly(`: ${type} | undefined`)};`);
    else {
      const annotation = shape.kind === 'enum' ? typeOnly(`: ${type}`) : '';
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

  /** One field: the switch over its tag, with the cases that are given. */
  #fields(tag: string, cases: () => void): void {
    const { lines } = this.#body;
    lines.add(`const ${tag} = reader.tag(at);`);
    goOn(this.#body);
    lines.block(`switch (${tag})`, () => {
      cases();
      lines.branch('default:', () => this.#skip(tag));
    });
  }

  #skip(tag: string | number): void {
    this.#body.lines.add(`reader.skip(${tag}, at);`);
    goOn(this.#body);
  }

  #cases({ spot, number, local, path, hasPresence, unfit }: Slot): void {
    const { lines } = this.#body;
    const { shape } = spot;
    const assign = (text: string) => lines.add(`${local} = ${text};`);
    if (isRepeated(shape) && !hasPresence) {
      this.#repeatedCases(shape, number, { list: local, limit: limitOf(spot) }, path, unfit);
      return;
    }
    const block = !isScalar(shape) && (isAttempted(spot) || !isSimple(shape));
    this.#case(tagOf(number, wireTypeOf(shape)), block, () => this.#read(spot, path, assign));
  }

  #case(tag: number, block: boolean, body: () => void): void {
    const { lines } = this.#body;
    lines.branch(`case ${tag}:${block ? ' {' : ''}`, () => {
      body();
      lines.add('break;');
    });
    if (block) lines.add('}');
  }

  /** The cases of a repeated field that goes into a list or map; `unfit` is the local that is told where an element does not fit. */
  #repeatedCases(shape: RepeatedShape, number: number, target: Target, path: string, unfit?: string): void {
    const { list, limit } = target;
    const tag = tagOf(number, 2);
    const { lines } = this.#body;
    if (shape.kind === 'map') {
      this.#case(tag, true, () =>
        this.#unlessFull(`${list}.size`, limit, tag, () =>
          this.#noting(unfit, () => this.#entry(shape, list, path)),
        ),
      );
      return;
    }
    const spot = elementSpot(this.#module, shape);
    const push = (text: string) => lines.add(`${list}.push(${text});`);
    const one = () => this.#noting(unfit, () => this.#read(spot, path, push));
    if (!isScalar(spot.shape)) {
      this.#case(tag, true, () => this.#unlessFull(`${list}.length`, limit, tag, one));
      return;
    }
    const more = limit === undefined ? '' : ` && ${list}.length < ${limit}`;
    this.#case(tag, true, () =>
      this.#noting(unfit, () =>
        delimited(this.#body, () => {
          goOn(this.#body);
          lines.block(`while (at < reader.end${more})`, () => this.#read(spot, path, push));
        }),
      ),
    );
    // Protobuf asks readers to take what is not packed, too.
    const single = tagOf(number, wireTypeOf(spot.shape));
    this.#case(single, unfit !== undefined, () => this.#unlessFull(`${list}.length`, limit, single, one));
  }

  /** What there is no room for is passed over, where what is too long is cut off. */
  #unlessFull(count: string, limit: number | undefined, tag: number, read: () => void): void {
    const { lines } = this.#body;
    if (limit === undefined) return read();
    lines.either(`${count} < ${limit}`, read, () => this.#skip(tag));
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
      type: shapeText(this.#module, spot.shape),
      hasPresence: isRepeated(spot.shape),
      fallback: defaultText(this.#module, spot.shape),
    });
    const slots = [
      slot(keySpot(this.#module, shape), 'entryKey', 1),
      slot(valueSpot(this.#module, shape), 'entryValue', 2),
    ];
    const tag = this.#body.locals.claim('entryTag');
    for (const each of slots) this.#declare(each);
    delimited(this.#body, () => {
      goOn(this.#body);
      this.#body.lines.block('while (at < reader.end)', () => {
        this.#fields(tag, () => {
          for (const each of slots) this.#cases(each);
        });
      });
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
    const { lines, locals } = this.#body;
    const shape = spot.shape as RepeatedShape;
    const list = locals.claim('inner');
    const tag = locals.claim('innerTag');
    this.#declareRepeated(shape, list);
    delimited(this.#body, () => {
      goOn(this.#body);
      lines.block('while (at < reader.end)', () => {
        this.#fields(tag, () => this.#repeatedCases(shape, 1, { list, limit: limitOf(spot) }, path));
      });
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

/** Whether one call reads it. */
function isSimple({ kind }: Shape): boolean {
  return kind === 'string' || kind === 'wstring' || kind === 'bytes' || kind === 'fixed';
}

function countOf({ kind }: RepeatedShape): 'size' | 'length' {
  return kind === 'map' ? 'size' : 'length';
}
