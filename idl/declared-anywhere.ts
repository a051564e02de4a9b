import type { Identifier } from './expression-syntax.js';
import type { Span } from './source.js';
import type { DefinitionSyntax } from './syntax.js';

/** The scoped names of all definitions, however broken: to tell what is declared too late from what is not declared. */
export function declaredAnywhere(syntax: readonly DefinitionSyntax[]): Map<string, Span> {
  const found = new Map<string, Span>();
  const walk = (definitions: readonly DefinitionSyntax[], prefix: string): void => {
    for (const definition of definitions) {
      if (definition.kind === 'module') {
        walk(definition.definitions, `${prefix}${definition.name.text}::`);
        continue;
      }
      for (const { text, span } of namesOf(definition)) {
        const full = prefix + text;
        if (!found.has(full)) found.set(full, span);
      }
    }
  };
  walk(syntax, '');
  return found;
}

function namesOf(definition: DefinitionSyntax): readonly Identifier[] {
  switch (definition.kind) {
    case 'annotation':
    case 'keylist':
      return [];
    case 'unsupported':
      return definition.names;
    case 'typedef':
      return [
        ...(definition.type.kind === 'defined' ? namesOf(definition.type.definition) : []),
        ...definition.declarators.map(({ name }) => name),
      ];
    default:
      return [definition.name];
  }
}
