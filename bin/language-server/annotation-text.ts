import { annotationRules } from '../../idl/annotation-catalogue.js';
import { typeText } from '../../idl/type-text.js';

/** The names of the annotations that IDL has. */
export const annotationNames: readonly string[] = [...annotationRules.keys()];

/** An annotation with what it takes, such as `@range(min, max)`; `undefined` for one that is not known. */
export function annotationText(name: string): string | undefined {
  const rule = annotationRules.get(name);
  if (rule === undefined) return undefined;
  const parameters = rule.parameters.map(({ name: parameter, takes, default: value }) => {
    const optional = value === undefined ? '' : '?';
    if ('words' in takes) return `${parameter}${optional}: ${takes.words.join(takes.bits ? ' + ' : ' | ')}`;
    return 'type' in takes ? `${parameter}${optional}: ${typeText(takes.type)}` : `${parameter}${optional}`;
  });
  const before = rule.places.length === 0 ? 'anything' : rule.places.join(', ');
  return `@${name}${parameters.length === 0 ? '' : `(${parameters.join(', ')})`} // before: ${before}`;
}
