import assert from 'node:assert/strict';
import {
  closeCodes,
  decodeClientMessage,
  decodeGatewayMessage,
  decodeSampleFrame,
  decodeWriteFrame,
  encodeControl,
  encodeWriteFrame,
  putSampleFrameHeader,
  putSampleHeader,
  WireError,
} from '../../runtime/gateway/wire/index.js';

function sampleFrame(): Uint8Array {
  const bytes = new Uint8Array(16 + 56 + 3);
  const view = new DataView(bytes.buffer);
  putSampleFrameHeader(view, 7, 1, 1000);
  const header = {
    member: 5,
    writer: 3,
    epoch: 2,
    sequence: 9,
    writerSequence: 4,
    sourceTimeUs: 1_700_000_000_000_000,
    instanceLow: 0x01020304,
    instanceHigh: 0x05060708,
  };
  putSampleHeader(view, 16, header, true, 3);
  bytes.set([0xaa, 0xbb, 0xcc], 72);
  return bytes;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function closesWith(code: number, message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof WireError);
    assert.equal(error.closeCode, code);
    assert.match(error.message, message);
    return true;
  };
}

describe('gateway wire: frames of samples', () => {
  it('have exactly these bytes', () => {
    assert.equal(
      Buffer.from(sampleFrame()).toString('hex'),
      [
        '01000100070000000000000000408f40', // samples, 1 of them, stream 7, index 1000
        '0300000001000300', // 3 bytes, in place, writer 3
        '0000000000001440', // member 5
        '0000000000000040', // epoch 2
        '0000000000002240', // sequence 9
        '0000000000001040', // writer sequence 4
        '0000796090281843', // source time
        '0403020108070605', // instance
        'aabbcc',
      ].join(''),
    );
  });

  it('give back what was put in', () => {
    const { stream, index, samples } = decodeSampleFrame(viewOf(sampleFrame()));
    assert.deepEqual({ stream, index, count: samples.length }, { stream: 7, index: 1000, count: 1 });
    assert.deepEqual(samples[0], {
      epoch: 2,
      sequence: 9,
      member: 5,
      writer: 3,
      writerSequence: 4,
      sourceTimeUs: 1_700_000_000_000_000,
      instanceLow: 0x01020304,
      instanceHigh: 0x05060708,
      inPlace: true,
      offset: 72,
      length: 3,
    });
  });

  it('are refused wherever they are cut off', () => {
    const whole = sampleFrame();
    for (let length = 0; length < whole.length; length++) {
      assert.throws(
        () => decodeSampleFrame(viewOf(whole.slice(0, length))),
        closesWith(4400, /ends within/),
        `${length}`,
      );
    }
  });

  it('are refused where they say what cannot be', () => {
    const cases: [number, number, RegExp][] = [
      [0, 9, /no known kind/],
      [1, 1, /no known kind/],
      [2, 0, /has none/],
      [2, 2, /ends within/],
      [20, 0xff, /flags/],
      [31, 0xff, /no safe integer/],
      [16, 2, /longer than what is in it/],
    ];
    for (const [at, value, message] of cases) {
      const bytes = sampleFrame();
      bytes[at] = value;
      assert.throws(() => decodeSampleFrame(viewOf(bytes)), closesWith(4400, message), `byte ${at}`);
    }
  });
});

describe('gateway wire: frames of written samples', () => {
  const keyHash = Uint8Array.from({ length: 16 }, (_, i) => i);
  const frame = () =>
    encodeWriteFrame(258, [
      { payload: Uint8Array.of(1, 2), keyHash: undefined },
      { payload: Uint8Array.of(3), keyHash },
    ]);

  it('have exactly these bytes', () => {
    assert.equal(
      Buffer.from(frame()).toString('hex'),
      [
        '0200020002010000',
        '02000000000000000102',
        '0100000001000000',
        '000102030405060708090a0b0c0d0e0f',
        '03',
      ].join(''),
    );
  });

  it('give back what was put in', () => {
    assert.deepEqual(decodeWriteFrame(viewOf(frame()), 100), {
      id: 258,
      writes: [
        { keyOffset: -1, offset: 16, length: 2 },
        { keyOffset: 26, offset: 42, length: 1 },
      ],
    });
  });

  it('are refused wherever they are cut off', () => {
    const whole = frame();
    for (let length = 0; length < whole.length; length++) {
      assert.throws(
        () => decodeWriteFrame(viewOf(whole.slice(0, length)), 100),
        closesWith(4400, /ends within/),
        `${length}`,
      );
    }
  });

  it('are refused where a sample is over the limit, whatever else is wrong', () => {
    const bytes = frame();
    bytes[9] = 0xff;
    assert.throws(() => decodeWriteFrame(viewOf(bytes), 100), closesWith(4413, /at most 100/));
  });

  it('are refused with flags that are not known', () => {
    for (const at of [12, 13, 14, 15]) {
      const bytes = frame();
      bytes[at] = 2;
      assert.throws(() => decodeWriteFrame(viewOf(bytes), 100), closesWith(4400, /flags/));
    }
  });
});

describe('gateway wire: control messages', () => {
  const type = {
    name: 'a::B',
    hash: '0123456789abcdef0123456789abcdef',
    extensibility: 'final',
    keyed: true,
  } as const;
  const open = {
    op: 'open',
    id: 1,
    role: 'reader',
    topic: 't',
    type,
    qos: 'atomic',
    conflate: false,
  } as const;

  it('come through as they were sent', () => {
    for (const message of [{ op: 'hello', name: 'n' }, open, { op: 'close', id: 1 }] as const) {
      assert.deepEqual(decodeClientMessage(encodeControl(message)), message);
    }
    for (const message of [
      { op: 'welcome', name: 'g', heartbeatMs: 5000, sampleBytesMax: 1 },
      {
        op: 'opened',
        id: 1,
        role: 'reader',
        stream: 0,
        source: '0.1',
        index: 3,
        at: { epoch: 1, sequence: 2 },
      },
      { op: 'opened', id: 1, role: 'writer', windowBytes: 10 },
      { op: 'refused', id: 1, code: 'BE_REFUSED', message: 'no' },
      {
        op: 'gap',
        stream: 1,
        from: { epoch: 0, sequence: 1 },
        to: { epoch: 1, sequence: 0 },
        count: 3,
        index: 9,
      },
      { op: 'beat' },
    ] as const) {
      assert.deepEqual(decodeGatewayMessage(encodeControl(message)), message);
    }
  });

  it('are refused where a field is not what it should be, and the field is named', () => {
    const cases: [unknown, RegExp][] = [
      ['no object', /no object/],
      [{ op: 'fly' }, /message.op/],
      [{ op: 'hello' }, /message.name/],
      [{ ...open, id: -1 }, /message.id/],
      [{ ...open, id: 1.5 }, /message.id/],
      [{ ...open, role: 'both' }, /message.role/],
      [{ ...open, topic: '' }, /message.topic/],
      [{ ...open, topic: 'x'.repeat(257) }, /message.topic/],
      [{ ...open, type: null }, /message.type/],
      [{ ...open, type: { ...type, hash: 'X'.repeat(32) } }, /hex/],
      [{ ...open, type: { ...type, schema: '[' } }, /schema is not JSON/],
      [{ ...open, qos: 'persistent' }, /message.qos/],
      [{ ...open, conflate: 1 }, /message.conflate/],
    ];
    for (const [message, problem] of cases) {
      assert.throws(
        () => decodeClientMessage(JSON.stringify(message)),
        closesWith(closeCodes.malformed, problem),
      );
    }
    assert.throws(() => decodeClientMessage('{'), closesWith(closeCodes.malformed, /not JSON/));
    assert.throws(
      () => decodeClientMessage(' '.repeat(65537)),
      closesWith(closeCodes.tooLarge, /65536 bytes/),
    );
  });
});
