/** A peer that reads nothing, under a clock of the test. */
import { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { turns } from '../../support/servers/unfriendly.js';
import { WriteTimeout } from '../../../src/session/transport/write-timeout.js';

const STALL_MS = 1_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A duplex that holds its writes until the test releases them. */
class Holding {
  #taken: (() => void)[] = [];
  #written = 0;
  error: Error | undefined;
  readonly duplex = new Duplex({
    read: () => undefined,
    write: (_chunk, _encoding, done) => void this.#taken.push(done),
  }).on('error', (error) => (this.error = error));
  readonly #stall = new WriteTimeout(this.duplex, () => this.#written, STALL_MS);

  write(text: string): void {
    this.#written += text.length;
    this.duplex.write(text);
    this.#stall.watch();
  }

  take(): void {
    this.#taken.shift()?.();
  }
}

/** Advances the clock, and lets the input of the last tick be read. */
async function advance(ms: number): Promise<void> {
  vi.advanceTimersByTime(ms);
  await turns(3);
}

describe('a write timeout', () => {
  it('fails when the peer has read nothing for its duration', async () => {
    const peer = new Holding();
    peer.write('a');
    await advance(2 * STALL_MS);
    expect(peer.duplex.destroyed).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(peer.error).toMatchObject({ code: 'ETIMEDOUT' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not fail while the peer reads', async () => {
    const peer = new Holding();
    peer.write('a');
    for (let times = 0; times < 10; times++) {
      peer.write('b');
      await advance(STALL_MS);
      peer.take();
    }
    expect(peer.duplex.destroyed).toBe(false);
  });

  it('is not active while no write is pending, and is active again with the next write', async () => {
    const peer = new Holding();
    expect(vi.getTimerCount()).toBe(0);
    peer.write('a');
    peer.take();
    await advance(STALL_MS);
    expect(vi.getTimerCount()).toBe(0);
    await advance(100 * STALL_MS);
    peer.write('b');
    expect(peer.duplex.destroyed).toBe(false);
    await advance(2 * STALL_MS);
    expect(peer.duplex.destroyed).toBe(true);
  });

  it('is not active after the close', async () => {
    const peer = new Holding();
    peer.write('a');
    peer.duplex.destroy();
    await new Promise((resolve) => setImmediate(resolve));
    expect(vi.getTimerCount()).toBe(0);
    peer.write('b');
    expect(vi.getTimerCount()).toBe(0);
  });
});
