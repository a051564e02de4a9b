import { cut } from './decode-values.js';
import { shapeText } from './emit-types.js';
import { typeOnly } from './module-writer.js';
import type { Alignment, Phase } from './phase.js';
import { advanced, aligned, anywhere, padding } from './phase.js';
import type { Body } from './scalar-text.js';
import { placeText } from './scalar-text.js';
import type { ScalarShape, Shape } from './shape.js';
import { elementCount, isScalar, unbounded } from './shape.js';
import type { Spot } from './try-construct.js';
import {
  attempt,
  elementSpot,
  isAttempted,
  keySpot,
  limitOf,
  listText,
  mended,
  plainSpot,
  rowLengthOf,
  scalarAt,
  valueSpot,
} from './try-construct.js';
import {
  alignmentOf,
  isPrimitive,
  isPrimitiveArray,
  isPrimitiveMap,
  leastSize,
  loadText,
  scalarSize,
} from './xcdr2-form.js';

/** What makes a line of the expression for a value. */
type Use = (text: string) => string;

/** A collection to read. */
interface Whole<K extends Shape['kind']> {
  readonly shape: Extract<Shape, { kind: K }>;
  /** The elements to take where more are cut off. */
  readonly limit?: number | undefined;
  readonly path: string;
  readonly use: Use;
  /** The constant that `use` makes, where it makes one. */
  readonly into: string | undefined;
}

/** Writes the lines that read values of XCDR2. As when encoding, reads of fixed size are gathered, and their bytes are asked for once. */
export class Xcdr2ValueReader {
  /** Where in the sample what is written so far comes to. */
  phase: Phase = anywhere;
  readonly #body: Body;
  #gathered: string[] = [];
  #gatheredBytes = 0;

  constructor(body: Body) {
    this.#body = body;
  }

  /** Reads one value into a constant. */
  constant(spot: Spot, local: string, path: string): void {
    const type = isAttempted(spot) ? typeOnly(`: ${shapeText(this.#body.module, spot.shape)}`) : '';
    this.value(spot, path, (text) => `const ${local}${type} = ${text};`, local);
  }

  /** Reads one value; `use` makes a line of the expression for what is taken. `into` is the constant that it makes, where it does. */
  value(spot: Spot, path: string, use: Use, into?: string): void {
    if (!isAttempted(spot)) return this.#value(spot, path, use, into);
    this.flush();
    const { value, taken } = attempt(this.#body, spot);
    this.#value(plainSpot(spot.shape), path, (text) => `const ${value} = ${text};`, value);
    this.#add(use(taken));
  }

  #value(spot: Spot, path: string, use: Use, into: string | undefined): void {
    const { shape } = spot;
    const { module } = this.#body;
    if (isScalar(shape)) {
      this.take(shape, (carried) => use(scalarAt(module, spot, carried, path)));
      return;
    }
    const limit = limitOf(spot);
    const text = (trim: string, name: string) =>
      this.#call(
        cut(this.#body, spot, trim, (max) => `reader.${name}(at, ${max}, ${path})`),
        use,
      );
    switch (shape.kind) {
      case 'string':
        return text('trimText', 'string');
      case 'wstring':
        return text('trimWideText', 'wstring');
      case 'fixed':
        return this.#call(`reader.fixed(at, ${shape.digits}, ${shape.scale}, ${path})`, use);
      case 'bytes':
        if (shape.length === undefined) return text('trimBytes', 'bytes');
        return this.#call(`reader.byteArray(at, ${shape.length})`, use);
      case 'struct':
      case 'union':
        this.flush();
        this.#add('reader.at = at;');
        return this.#call(`${module.named(shape.model, 'decodeXcdr2')}(reader)`, use);
      case 'sequence':
        return this.#sequence({ shape, limit, path, use, into });
      case 'array':
        return this.#array({ shape, path, use, into });
      case 'map':
        return this.#map({ shape, limit, path, use, into });
    }
  }

  #call(call: string, use: Use): void {
    this.flush();
    this.#add(use(call));
    this.#add('at = reader.at;');
    this.phase = anywhere;
  }

  #sequence({ shape, limit, path, use, into }: Whole<'sequence'>): void {
    const { element } = shape;
    this.flush();
    const list = this.#list(shape, into);
    const isPlain = isPrimitive(element);
    this.#delimited(isPlain, () => {
      const count = this.#count(leastSize(this.#body.module.model, element), shape.bound, limit, path);
      let kept = count;
      if (limit !== undefined) {
        kept = this.#body.locals.claim('kept');
        this.#add(`const ${kept} = Math.min(${count}, ${limit});`);
      }
      this.#elements(elementSpot(this.#body.module, shape), kept, list, path, true);
      if (limit === undefined) return;
      this.#add(
        isPlain ? `at += (${count} - ${kept}) * ${scalarSize(element as ScalarShape)};` : 'at = reader.end;',
      );
    });
    if (list !== into) this.#add(use(list));
  }

  #array({ shape, path, use, into }: Whole<'array'>): void {
    const { module } = this.#body;
    const { element, dimensions } = shape;
    this.flush();
    const isWhole = dimensions.length === 1 && rowLengthOf(module, shape) === undefined;
    const list = this.#list(shape, isWhole ? into : undefined);
    const count = elementCount(dimensions);
    this.#delimited(isPrimitiveArray(shape), () => {
      if (isScalar(element)) {
        this.#align(alignmentOf(element));
        this.flush();
        this.#add(`reader.need(at, ${count * scalarSize(element)});`);
      }
      this.#elements(elementSpot(module, shape), `${count}`, list, path, isScalar(element));
    });
    let text = mended(this.#body, shape, list);
    for (const size of dimensions.slice(1).reverse()) text = `${module.support('rows')}(${text}, ${size})`;
    if (text !== into) this.#add(use(text));
  }

  #map({ shape, limit, path, use, into }: Whole<'map'>): void {
    const { module, lines, locals } = this.#body;
    const { key, value, bound } = shape;
    this.flush();
    const map = into ?? locals.claim('map');
    this.#add(`const ${map}${typeOnly(`: ${shapeText(module, shape)}`)} = new Map();`);
    const isPlain = isPrimitiveMap(shape);
    this.#delimited(isPlain, () => {
      const count = this.#count(
        leastSize(module.model, key) + leastSize(module.model, value),
        bound,
        limit,
        path,
      );
      const index = locals.claim('n');
      const [entryKey, entryValue] = [locals.claim('entryKey'), locals.claim('entryValue')];
      const isFull = limit === undefined ? '' : `${map}.size < ${limit}`;
      const more = isFull === '' || isPlain ? '' : ` && ${isFull}`;
      lines.block(`for (let ${index} = 0; ${index} < ${count}${more}; ${index}++)`, () => {
        this.phase = anywhere;
        this.constant(keySpot(module, shape), entryKey, path);
        this.constant(valueSpot(module, shape), entryValue, path);
        this.flush();
        // What is not delimited is read to its end.
        const only = isFull === '' || !isPlain ? '' : `if (${isFull}) `;
        this.#add(`${only}${map}.set(${entryKey}, ${entryValue});`);
      });
      this.phase = anywhere;
      if (more !== '') this.#add('at = reader.end;');
    });
    if (map !== into) this.#add(use(map));
  }

  #count(least: number, bound: number | undefined, limit: number | undefined, path: string): string {
    const count = this.#body.locals.claim('count');
    const max = (limit === undefined ? bound : undefined) ?? unbounded;
    this.#add(`const ${count} = reader.count(at, ${least}, ${max}, ${path});`);
    this.#add('at = reader.at;');
    this.phase = aligned(4);
    return count;
  }

  #list(shape: Extract<Shape, { kind: 'sequence' | 'array' }>, into?: string): string {
    const list = into ?? this.#body.locals.claim('list');
    this.#add(`const ${list}${typeOnly(`: ${listText(this.#body.module, shape)}`)} = [];`);
    return list;
  }

  /** The elements of a collection: those that are not primitive have their length in bytes before them. */
  #delimited(isPlain: boolean, body: () => void): void {
    if (isPlain) return body();
    const around = this.#body.locals.claim('around');
    this.#add(`const ${around} = reader.open(at);`);
    this.#add('at = reader.at;');
    this.phase = aligned(4);
    body();
    this.#add(`reader.closeExact(at, ${around});`);
  }

  /** A loop over elements; `isThere` says that the bytes of scalars were asked for. */
  #elements(spot: Spot, count: string, list: string, path: string, isThere: boolean): void {
    const { module, lines, locals } = this.#body;
    const { shape: element } = spot;
    const index = locals.claim('n');
    const push = (text: string) => `${list}.push(${text});`;
    lines.block(`for (let ${index} = 0; ${index} < ${count}; ${index}++)`, () => {
      if (isScalar(element) && isThere) {
        this.#add(push(scalarAt(module, spot, loadText(module, element, 'at'), path)));
        this.#add(`at += ${scalarSize(element)};`);
        return;
      }
      this.phase = anywhere;
      this.value(spot, path, push);
      this.flush();
    });
    this.phase = isScalar(element) ? aligned(alignmentOf(element)) : anywhere;
  }

  /** Gathers a read of fixed size: `line` makes a line of the expression for the number that is there. */
  take(shape: ScalarShape, line: Use): void {
    const size = scalarSize(shape);
    this.#align(alignmentOf(shape));
    this.#gathered.push(line(loadText(this.#body.module, shape, placeText('at', this.#gatheredBytes))));
    this.#gatheredBytes += size;
    this.phase = advanced(this.phase, size);
  }

  #align(alignment: Alignment): void {
    const pad = padding(this.phase, alignment);
    if (pad === undefined) {
      this.flush();
      this.#add(`at += (origin - at) & ${alignment - 1};`);
      this.phase = aligned(alignment);
      return;
    }
    this.#gatheredBytes += pad;
    this.phase = advanced(this.phase, pad);
  }

  /** Writes the lines for what was gathered. */
  flush(): void {
    if (this.#gatheredBytes === 0) return;
    this.#add(`reader.need(at, ${this.#gatheredBytes});`);
    for (const line of this.#gathered) this.#add(line);
    this.#add(`at += ${this.#gatheredBytes};`);
    this.#gathered = [];
    this.#gatheredBytes = 0;
  }

  #add(line: string): void {
    if (line !== '') this.#body.lines.add(line);
  }
}
