import { encode } from '@msgpack/msgpack';
import { describe, expect, it } from 'vitest';
import { msgpackCodec } from '../examples/support/msgpack-codec.js';
import { codecContract } from '../src/contracts/index.js';
import type { Frame, UnknownFrame } from '../src/protocol.js';

describe('the MessagePack codec of the examples', () => {
  for (const { name, run } of codecContract(msgpackCodec)) it(name, run);

  it('skips unknown fields and types', () => {
    expect(read(['ping', 'token', 7, 'colour', 'red'])).toEqual({ type: 'ping', token: 7 });
    expect(read(['teleport', 'id', 3])).toEqual({ type: 'unknown', id: 3 });
  });

  it.each([
    ['no list', { type: 'ping', token: 7 }],
    ['a field without a value', ['ping', 'token']],
    ['a field twice', ['ping', 'token', 7, 'token', 8]],
    ['a second type', ['ping', 'token', 7, 'type', 'pong']],
    ['a list inside', ['ping', 'token', 7, 'more', [1]]],
    ['a name that is no text', ['ping', 'token', 7, 1, 2]],
    ['a number that is not whole', ['ping', 'token', 7.5]],
    ['a number below zero', ['ping', 'token', -1]],
    ['a number that is too large', ['ping', 'token', 2 ** 60]],
    ['bytes that are not UTF-8', ['open', 'id', 1, 'op', Buffer.of(0xc3)]],
    ['a control character', ['open', 'id', 1, 'op', 'stat\n']],
    ['nothing', []],
  ])('rejects a header with %s', (_what, header) => {
    expect(read(header)).toBe('EPROTO');
  });
});

/** The frame that a header is read as, or the code of the error. */
function read(header: unknown): Frame | UnknownFrame | string | undefined {
  let told: Frame | UnknownFrame | string | undefined;
  const sink = {
    frame: (frame: Frame | UnknownFrame) => (told = frame),
    payload: () => undefined,
    error: ({ code }: { code: string }) => (told = code),
  };
  const body = encode(header);
  const prefix = Buffer.from([0xc1, 0, 0, 0, 0]);
  prefix.writeUInt32BE(body.length, 1);
  msgpackCodec
    .decoder(sink, { maxHeaderBytes: 4096, maxFrameBytes: 65_536 })
    .write(Buffer.concat([prefix, body]));
  return told;
}
