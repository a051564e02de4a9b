import type { GatewayMessage } from './control.js';
import { Fields } from './control-fields.js';
import { malformed } from './protocol.js';
import type { FrameVersion } from './sample-frame.js';

const ops = ['welcome', 'opened', 'refused', 'matched', 'ack', 'rejected', 'gap', 'beat'] as const;
const explanationMax = 1 << 20;

/**
 * What a gateway said. Fields that are not known are left out, so a later gateway may say more.
 * @throws WireError
 */
export function decodeGatewayMessage(text: string): GatewayMessage {
  const fields = Fields.parse(text, 'message');
  const op = fields.oneOf('op', ops);
  switch (op) {
    case 'welcome': {
      const sampleBytesMax = fields.count('sampleBytesMax');
      return {
        op,
        name: fields.text('name', explanationMax),
        heartbeatMs: fields.count('heartbeatMs'),
        sampleBytesMax,
      };
    }
    case 'opened':
      return decodeOpened(fields);
    case 'refused':
      return { op, id: fields.count('id'), ...decodeReason(fields) };
    case 'matched':
    case 'ack':
      return { op, id: fields.count('id'), count: fields.count('count') };
    case 'rejected':
      return { op, id: fields.count('id'), number: fields.count('number'), ...decodeReason(fields) };
    case 'gap':
      return decodeGap(fields);
    case 'beat':
      return { op };
  }
}

function decodeOpened(fields: Fields): GatewayMessage {
  const id = fields.count('id');
  const role = fields.oneOf('role', ['reader', 'writer']);
  if (role === 'writer') return { op: 'opened', id, role, windowBytes: fields.count('windowBytes') };
  return {
    op: 'opened',
    id,
    role,
    stream: fields.count('stream'),
    source: fields.name('source'),
    index: fields.count('index'),
    ...(fields.has('at') && { at: decodeVersion(fields.object('at')) }),
  };
}

function decodeGap(fields: Fields): GatewayMessage {
  const count = fields.count('count');
  if (count === 0) throw malformed('message.count is to be at least 1');
  return {
    op: 'gap',
    stream: fields.count('stream'),
    from: decodeVersion(fields.object('from')),
    to: decodeVersion(fields.object('to')),
    count,
    index: fields.count('index'),
  };
}

function decodeVersion(fields: Fields): FrameVersion {
  return { epoch: fields.count('epoch'), sequence: fields.count('sequence') };
}

function decodeReason(fields: Fields): { code: string; message: string } {
  return { code: fields.name('code'), message: fields.text('message', explanationMax) };
}
