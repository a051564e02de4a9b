import type { TopicType } from '../../../codegen/support/index.js';
import { type DeclaredType, schemaCharactersMax } from '../wire/index.js';

/** A type, as it is declared to the gateway. */
export function declareType<T>(type: TopicType<T>): DeclaredType {
  return {
    name: type.name,
    hash: type.typeHash,
    extensibility: type.extensibility,
    ...(type.schema.length <= schemaCharactersMax && { schema: type.schema }),
    keyed: type.key !== undefined,
  };
}
