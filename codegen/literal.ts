import type { ConstantValue, Type } from '../idl/index.js';
import { resolveTypedefs } from '../idl/index.js';
import type { ModuleWriter } from './module-writer.js';

/** A value of a type as JavaScript writes it. */
export function literalText(module: ModuleWriter, value: ConstantValue, type: Type): string {
  const resolved = resolveTypedefs(module.model, type);
  if (resolved.kind === 'fixed') return quoted(decimalText(value, resolved.scale));
  switch (value.kind) {
    case 'integer':
      if (resolved.kind === 'primitive' && (resolved.name === 'int64' || resolved.name === 'uint64'))
        return `${value.value}n`;
      return String(value.value);
    case 'string':
      return quoted(value.value);
    case 'character':
      return quoted(String.fromCharCode(value.value));
    case 'float':
      return Object.is(value.value, -0) ? '-0' : String(value.value);
    case 'fixed':
      return String(Number(value.value) / 10 ** value.scale);
    case 'flags': {
      const bitmask = module.model.definitions.get(value.bitmask);
      return bitmask?.kind === 'bitmask' && bitmask.bitBound > 32 ? `${value.value}n` : String(value.value);
    }
    default:
      return String(value.value);
  }
}

/** A number as the text of a `fixed` of this scale. */
function decimalText(value: ConstantValue, scale: number): string {
  let units: bigint;
  if (value.kind === 'fixed') {
    const more = scale - value.scale;
    units = more >= 0 ? value.value * 10n ** BigInt(more) : value.value / 10n ** BigInt(-more);
  } else if (value.kind === 'integer') units = value.value * 10n ** BigInt(scale);
  else units = BigInt(Math.round(Number(value.value) * 10 ** scale));
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0');
  const point = digits.length - scale;
  const text = scale === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return units < 0n ? `-${text}` : text;
}

/** A string literal in single quotes. */
export function quoted(text: string): string {
  const escaped = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll("'", "\\'")
    .replaceAll(/[\u2028\u2029\ue000\ue001]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`);
  return `'${escaped}'`;
}
