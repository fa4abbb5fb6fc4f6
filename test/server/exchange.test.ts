import { describe, expect, it } from 'vitest';
import { TransferError } from '../../src/errors.js';
import { Exchange } from '../../src/server/exchange.js';
import type { ServerChannel } from '../../src/session/server-channel.js';

const open = { type: 'open', id: 1, op: 'upload' } as const;
const end = { type: 'end', id: 1, size: 3 } as const;

/** An exchange on a channel in which these bytes have come; what was acknowledged; and how to let more come. */
function receiving(text: string) {
  let waiting = Buffer.from(text);
  const consumed: number[] = [];
  const channel = {
    closed: false,
    bytesSent: 0,
    bytesReceived: 0,
    listen: () => undefined,
    interrupt: () => undefined,
    consumed: (bytes: number) => consumed.push(bytes),
    take: () => [waiting, (waiting = Buffer.alloc(0))].slice(0, 1),
    get waitingBytes() {
      return waiting.length;
    },
  };
  const exchange = new Exchange(channel as unknown as ServerChannel, open, {
    share: undefined,
    uploadId: undefined,
    maxWindowBytes: 0,
    pace: { stallMs: 1_000, minBytesPerSecond: 0, pressed: () => false },
  });
  const come = (more: string): void => {
    waiting = Buffer.from(more);
    exchange.readable();
  };
  return { exchange, consumed, come };
}

describe('a body that is received', () => {
  it('is taken when all of it was handed over and its end has come', async () => {
    const { exchange } = receiving('abc');
    expect(exchange.isBodyTaken).toBe(false);
    expect(await exchange.receive()).toEqual([Buffer.from('abc')]);
    expect(exchange.isBodyTaken).toBe(false);
    exchange.ended(end);
    expect(exchange.isBodyTaken).toBe(true);
    expect(await exchange.receive()).toBeUndefined();
  });

  it('is not taken as long as some of it waits, though its end has come', async () => {
    const { exchange } = receiving('abc');
    exchange.ended(end);
    expect(exchange.isBodyTaken).toBe(false);
    await exchange.receive();
    expect(exchange.isBodyTaken).toBe(true);
  });

  it('is not taken if the request is stopped: who asks for more is told why', async () => {
    const { exchange } = receiving('');
    exchange.ended(end);
    exchange.cancel(new TransferError('ECANCELED'));
    expect(exchange.isBodyTaken).toBe(false);
    await expect(exchange.receive()).rejects.toMatchObject({ code: 'ECANCELED' });
  });

  it('is waited for, and acknowledged by asking for more', async () => {
    const { exchange, consumed, come } = receiving('');
    const next = exchange.receive();
    come('abc');
    expect(await next).toEqual([Buffer.from('abc')]);
    expect(consumed).toEqual([]);
    const last = exchange.receive();
    expect(consumed).toEqual([3]);
    exchange.inputEnded();
    await expect(last).rejects.toMatchObject({ code: 'ECONNRESET' });
    exchange.release();
  });
});
