import type { Type } from './type.js';

/** A type as it is named in messages. */
export function typeText(type: Type): string {
  switch (type.kind) {
    case 'primitive':
      return type.name === 'longdouble' ? 'long double' : type.name;
    case 'string':
    case 'wstring':
      return type.bound === undefined ? type.kind : `${type.kind}<${type.bound}>`;
    case 'sequence':
      return `sequence<${typeText(type.element)}${boundText(type.bound)}>`;
    case 'map':
      return `map<${typeText(type.key)}, ${typeText(type.value)}${boundText(type.bound)}>`;
    case 'fixed':
      return `fixed<${type.digits}, ${type.scale}>`;
    case 'array':
      return `${typeText(type.element)}${type.dimensions.map((size) => `[${size}]`).join('')}`;
    case 'named':
      return `'${type.name}'`;
  }
}

function boundText(bound: number | undefined): string {
  return bound === undefined ? '' : `, ${bound}`;
}
