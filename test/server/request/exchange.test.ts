import { describe, expect, it } from 'vitest';
import { TransferError } from '../../../src/errors.js';
import type { Frame } from '../../../src/protocol/frames.js';
import { Exchange } from '../../../src/server/request/exchange.js';
import { MinRtt } from '../../../src/session/flow-control/min-rtt.js';
import { ServerChannel } from '../../../src/session/channel/server-channel.js';

const open = { type: 'open', id: 1, op: 'upload' } as const;
const end = { type: 'end', id: 1, size: 3 } as const;

/** An exchange on a channel that has received these bytes; its acknowledged bytes; and a function to receive more. */
function receiving(text: string) {
  const acks: number[] = [];
  const host = {
    sendFrame: (frame: Frame) => {
      if (frame.type === 'ack') acks.push(frame.offset);
    },
    grant: (frame: Frame) => host.sendFrame(frame),
    schedule: () => undefined,
    removeChannel: () => undefined,
    fail: () => undefined,
    isDelivering: false,
    dropUndelivered: () => undefined,
  };
  const channel = new ServerChannel(host, 1, {
    send: 10,
    receive: 10,
    minRtt: new MinRtt(),
    takesBody: true,
  });
  const exchange = new Exchange(channel, open, {
    share: undefined,
    uploadId: undefined,
    requestId: '1-1',
    minRate: { stallMs: 1_000, minBytesPerSecond: 0, isContended: () => false },
  });
  const come = (more: string): void => channel.receive(Buffer.from(more));
  come(text);
  return { exchange, reader: exchange.reader, channel, acks, come };
}

describe('a received body', () => {
  it('is consumed when all bytes were read and its end has arrived', async () => {
    const { reader, channel } = receiving('abc');
    expect(reader.bodyConsumed).toBe(false);
    expect(await reader.read()).toEqual([Buffer.from('abc')]);
    expect(reader.bodyConsumed).toBe(false);
    channel.handle(end);
    expect(reader.bodyConsumed).toBe(true);
    expect(await reader.read()).toBeUndefined();
    expect(reader.end).toEqual(end);
  });

  it('is not consumed while bytes are unread, even after its end', async () => {
    const { reader, channel } = receiving('abc');
    channel.handle(end);
    expect(reader.bodyConsumed).toBe(false);
    await reader.read();
    expect(reader.bodyConsumed).toBe(true);
  });

  it('is not consumed if the request is cancelled: the next read throws the reason', async () => {
    const { exchange, reader, channel } = receiving('');
    channel.handle(end);
    channel.stop(new TransferError('ECANCELED'));
    expect(reader.bodyConsumed).toBe(false);
    const thrown: unknown = await reader.read().catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code: 'ECANCELED' });
    expect(exchange.isCancellation(thrown)).toBe(true);
    expect(exchange.isInterruption(thrown)).toBe(false);
  });

  it('is awaited, and acknowledged by the next read', async () => {
    const { exchange, reader, channel, acks, come } = receiving('');
    const next = reader.read();
    come('abc');
    expect(await next).toEqual([Buffer.from('abc')]);
    expect(acks).toEqual([]);
    const last = reader.read();
    expect(acks).toEqual([3]);
    channel.onInputEnd();
    const thrown: unknown = await last.catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code: 'ECONNRESET' });
    expect(exchange.isInterruption(thrown)).toBe(true);
    exchange.release();
  });

  it('is readable up to the last byte that arrived before the connection ended', async () => {
    const { reader, channel } = receiving('abc');
    channel.onInputEnd();
    expect(await reader.read()).toEqual([Buffer.from('abc')]);
    await expect(reader.read()).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('a cancelled request', () => {
  it('calls its owner once, with the first reason', async () => {
    const { exchange, reader, channel } = receiving('');
    const told: string[] = [];
    exchange.onCancel = ({ code }) => told.push(code);
    const read = reader.read();
    const wait = exchange.waitWithTimeout(new Promise(() => undefined));
    const first = new TransferError('ETIMEDOUT');
    exchange.interrupt(first);
    channel.stop(new TransferError('ECANCELED'));
    channel.destroy(new TransferError('ECONNRESET'));
    expect(told).toEqual(['ETIMEDOUT']);
    await expect(read).rejects.toBe(first);
    await expect(wait).rejects.toBe(first);
    await expect(exchange.write(Buffer.from('abc'))).rejects.toBe(first);
    expect(() => exchange.throwIfCancelled()).toThrow(first);
    expect(exchange.isInterruption(first)).toBe(true);
    exchange.release();
  });
});
