import { explainMismatch } from '../../codegen/support/index.js';

/**
 * Why samples of two types of one name do not go together, as their schemas say: neither readers of the one nor those of the other may
 * misunderstand what is written with the other. Undefined where they do. Topics in memory and logs on disk go by it alike.
 */
export function typesApart(oneSchema: string, otherSchema: string): string | undefined {
  return explainMismatch(oneSchema, otherSchema) ?? explainMismatch(otherSchema, oneSchema);
}
