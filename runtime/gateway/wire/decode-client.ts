import type { ClientMessage, DeclaredType, OpenMessage } from './control.js';
import { Fields } from './control-fields.js';
import { closeCodes, controlBytesMax, malformed, schemaCharactersMax, WireError } from './protocol.js';

const idMax = 0xffff_ffff;
const extensibilities = ['final', 'appendable', 'mutable'] as const;

/**
 * What a client said, checked field by field.
 * @throws WireError
 */
export function decodeClientMessage(text: string): ClientMessage {
  if (text.length > controlBytesMax) {
    throw new WireError(closeCodes.tooLarge, `a control message has more than ${controlBytesMax} bytes`);
  }
  const fields = Fields.parse(text, 'message');
  const op = fields.oneOf('op', ['hello', 'open', 'close']);
  switch (op) {
    case 'hello':
      return { op, name: fields.name('name') };
    case 'open':
      return decodeOpen(fields);
    case 'close':
      return { op, id: fields.count('id', idMax) };
  }
}

function decodeOpen(fields: Fields): OpenMessage {
  return {
    op: 'open',
    id: fields.count('id', idMax),
    role: fields.oneOf('role', ['reader', 'writer']),
    topic: fields.name('topic'),
    type: decodeType(fields.object('type')),
    qos: fields.oneOf('qos', ['raw', 'atomic']),
    conflate: fields.flag('conflate'),
  };
}

function decodeType(fields: Fields): DeclaredType {
  const hash = fields.text('hash', 32, 32);
  if (!/^[0-9a-f]{32}$/.test(hash)) throw malformed('message.type.hash is to be 32 hex digits');
  return {
    name: fields.name('name'),
    hash,
    extensibility: fields.oneOf('extensibility', extensibilities),
    ...(fields.has('schema') && { schema: decodeSchema(fields) }),
    keyed: fields.flag('keyed'),
  };
}

/** Later code compares models, and may rely on their being JSON objects. */
function decodeSchema(fields: Fields): string {
  const schema = fields.text('schema', schemaCharactersMax);
  Fields.parse(schema, 'message.type.schema');
  return schema;
}
