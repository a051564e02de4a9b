import type { Body } from './scalar-text.js';
import { asEnum, codecOf, getText } from './scalar-text.js';
import type { RepeatedShape, ScalarShape, Shape } from './shape.js';
import { isCounted, isScalar, unbounded } from './shape.js';
import type { Spot } from './try-construct.js';
import { limitOf, scalarAt } from './try-construct.js';

/** Goes on where the reader has come to; `at` is a local, as that is what makes decoding fast. */
export function goOn({ lines }: Body): void {
  lines.add('at = reader.at;');
}

/** What has its length in front of it. */
export function delimited({ lines, locals }: Body, body: () => void): void {
  const outer = locals.claim('around');
  lines.add(`const ${outer} = reader.open(at);`);
  body();
  lines.add(`at = reader.close(${outer});`);
}

/** Writes the lines that read one value of protobuf; gives the expression for it to `use`. */
export function readValue(body: Body, spot: Spot, path: string, use: (text: string) => void): void {
  const { module } = body;
  const shape = spot.shape as Exclude<Shape, RepeatedShape>;
  if (isScalar(shape)) return readScalar(body, { ...spot, shape }, path, use);
  switch (shape.kind) {
    case 'string':
      use(cut(body, spot, 'trimText', (max) => `reader.string(at, ${max}, ${path})`));
      break;
    case 'wstring':
      use(cut(body, spot, 'trimWideText', (max) => `reader.wstring(at, ${max}, ${path})`));
      break;
    case 'fixed':
      use(`reader.fixed(at, ${shape.digits}, ${shape.scale}, ${path})`);
      break;
    case 'bytes':
      if (shape.length !== undefined) use(`reader.byteArray(at, ${shape.length}, ${path})`);
      else use(cut(body, spot, 'trimBytes', (max) => `reader.bytes(at, ${max}, ${path})`));
      break;
    case 'struct':
    case 'union':
      delimited(body, () => use(`${module.named(shape.model, 'decode')}(reader)`));
      return;
  }
  goOn(body);
}

/** A read of at most so much or, where what is too long is cut off, of all. */
export function cut({ module }: Body, spot: Spot, trim: string, read: (max: number) => string): string {
  const limit = limitOf(spot);
  if (limit !== undefined) return `${module.support(trim)}(${read(unbounded)}, ${limit})`;
  return read(('bound' in spot.shape ? spot.shape.bound : undefined) ?? unbounded);
}

function readScalar(
  body: Body,
  spot: Spot & { readonly shape: ScalarShape },
  path: string,
  use: (text: string) => void,
): void {
  const { module, lines } = body;
  const { shape, tryConstruct } = spot;
  const { read, size } = codecOf(shape);
  if (shape.kind === 'enum') {
    if (isCounted(shape.model) && tryConstruct !== 'useDefault')
      use(`reader.enum(at, ${shape.model.enumerators.length}, ${path})${asEnum(module, shape)}`);
    else use(scalarAt(module, spot, 'reader.int32(at)', path));
    goOn(body);
    return;
  }
  if (read !== undefined) {
    const text = `reader.${read(path)}`;
    use(shape.kind === 'primitive' ? text : scalarAt(module, spot, text, path));
    goOn(body);
    return;
  }
  lines.add(`reader.need(at, ${size});`);
  use(getText('view', shape, 'at'));
  lines.add(`at += ${size};`);
}
