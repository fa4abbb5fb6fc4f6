/** Which frames may come before `hello` and before `welcome`, in every codec. */
import { describe, expect, it } from 'vitest';
import { builtinCodecs, type CodecName } from '../../src/codecs/builtin.js';
import type { Frame } from '../../src/protocol/frames.js';
import { bytesOf as looseBytesOf } from '../abuse/wire/frames/loose-encoder.js';
import { frame } from '../abuse/wire/frames/loose-frame.js';
import { Recording } from '../../src/contracts/codec/recording.js';
import { Pair } from '../support/doubles/sessions.js';

const codecs = Object.keys(builtinCodecs) as CodecName[];

describe.each(codecs)('in %s', (name) => {
  const codec = builtinCodecs[name];
  const bytesOf = (sent: Frame): Buffer => Buffer.from(codec.encode(sent));

  it.each<Frame>([
    { type: 'ping', token: 1 },
    { type: 'pong', token: 1 },
    { type: 'error', code: 'EIO' },
    { type: 'open', id: 1, op: 'stat' },
    { type: 'cancel', id: 1 },
    { type: 'welcome', version: 1, maxFrame: 65_536, maxChannels: 64 },
  ])('a server refuses $type before hello', (sent) => {
    const { server, asked } = new Pair(codec);
    server.receive(bytesOf(sent));
    const { frames } = new Recording(codec).write(Buffer.concat(server.read(Infinity)));
    expect(frames.map((one) => one.frame)).toMatchObject([
      { type: 'error', code: 'EPROTO', retryable: false },
    ]);
    expect(server.ended).toBe(true);
    expect(asked).toEqual([]);
  });

  it('a server refuses a frame of an unknown type before hello, with an id or without', () => {
    for (const sent of [frame('future'), frame('future', { id: 1 })]) {
      const pair = new Pair(codec);
      pair.server.receive(looseBytesOf(sent, name));
      expect(pair.serverEnded?.error).toMatchObject({ code: 'EPROTO' });
    }
  });

  it('a client answers a ping before welcome, and continues', () => {
    const pair = new Pair(codec);
    pair.client.read(Infinity);
    pair.client.receive(bytesOf({ type: 'ping', token: 5 }));
    pair.client.receive(bytesOf({ type: 'pong', token: 6 }));
    const { frames } = new Recording(codec).write(Buffer.concat(pair.client.read(Infinity)));
    expect(frames.map((one) => one.frame)).toMatchObject([{ type: 'pong', token: 5 }]);
    expect(pair.clientEnded).toBeUndefined();
    pair.client.receive(bytesOf({ type: 'welcome', version: 1, maxFrame: 65_536, maxChannels: 64 }));
    expect(pair.clientEnded).toBeUndefined();
  });

  it('a client takes an error before welcome as one of the connection', () => {
    const pair = new Pair(codec);
    pair.client.receive(bytesOf({ type: 'error', code: 'EAUTH' }));
    expect(pair.clientEnded?.error).toMatchObject({ code: 'EAUTH' });
  });

  it.each<Frame>([
    { type: 'goaway', lastId: 0 },
    { type: 'accept', id: 1 },
    { type: 'result', id: 1 },
    { type: 'error', code: 'EIO', id: 1 },
    { type: 'ack', id: 1, offset: 0, window: 0 },
    { type: 'data', id: 1, length: 0 },
    { type: 'hello', version: 1 },
  ])('a client refuses $type before welcome', (sent) => {
    const pair = new Pair(codec);
    pair.client.receive(bytesOf(sent));
    expect(pair.clientEnded?.error).toMatchObject({ code: 'EPROTO', retryable: false });
  });

  it('a client refuses an error of a request before welcome', () => {
    const pair = new Pair(codec);
    const ended: unknown[] = [];
    pair.client.request({ op: 'remove', path: 'a' }, 'nothing', {
      onClose: (outcome) => ended.push(outcome),
    });
    pair.client.read(Infinity);
    pair.client.receive(bytesOf({ type: 'error', code: 'EIO', id: 1 }));
    expect(ended).toMatchObject([{ code: 'EPROTO' }]);
    expect(pair.clientEnded?.error).toMatchObject({ code: 'EPROTO', retryable: false });
  });

  it('a client refuses a frame of an unknown type before welcome', () => {
    const pair = new Pair(codec);
    pair.client.receive(looseBytesOf(frame('future'), name));
    expect(pair.clientEnded?.error).toMatchObject({ code: 'EPROTO' });
  });

  it('an end ignores frames of an unknown type afterwards, with their payload', () => {
    for (const end of ['server', 'client'] as const) {
      const pair = new Pair(codec);
      pair.exchange();
      pair[end].receive(looseBytesOf(frame('future', { length: 5, some: 'text' }, 'hello'), name));
      expect(pair[`${end}Ended`]).toBeUndefined();
      expect(pair[end].read(Infinity)).toEqual([]);
    }
  });
});
