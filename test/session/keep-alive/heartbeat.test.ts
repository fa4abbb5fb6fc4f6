/** The heartbeat under a clock of the test's own, on an endpoint whose bytes the test carries. */
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Endpoint } from '../../../src/session/transport/endpoint.js';
import { Heartbeat } from '../../../src/session/keep-alive/heartbeat.js';
import type { KeepAliveSettings } from '../../../src/session/keep-alive/keep-alive-negotiation.js';

const IDLE_MS = 400;
const DEAD_MS = 1_200;
const UNFINISHED = 'unfinished';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A watched endpoint whose peer takes what is said, until it does not. */
class Watched {
  readonly endpoint: Endpoint;
  readonly #heartbeat: Heartbeat;
  congested = false;
  pings = 0;
  /** Milliseconds after which each ping was asked for, from the start. */
  readonly pingedAt: number[] = [];
  #now = 0;
  #output: Buffer[] = [];
  #hasOutput: () => void = () => undefined;

  constructor(settings = { intervalMs: IDLE_MS, timeoutMs: DEAD_MS }) {
    const setTransport = (hasOutput: () => void): void => void (this.#hasOutput = hasOutput);
    const isCongested = (): boolean => this.congested;
    let heard = 0;
    const take = (): Buffer[] => this.#output.splice(0);
    this.endpoint = new Endpoint({
      set onOutput(hasOutput: () => void) {
        setTransport(hasOutput);
      },
      get congested() {
        return isCongested();
      },
      get activityCount() {
        return heard;
      },
      read: take,
      receive: (bytes) => void (heard += bytes.toString() === UNFINISHED ? 0 : 1),
      receiveEnd: () => undefined,
      disconnect: () => undefined,
      finished: false,
      failed: false,
    });
    this.endpoint.on('error', () => undefined).resume();
    this.#heartbeat = new Heartbeat(this.endpoint, { ping: () => this.#ping() });
    this.set(settings);
  }

  set(settings: KeepAliveSettings): void {
    this.#heartbeat.start(settings);
  }

  get dead(): boolean {
    return this.endpoint.destroyed;
  }

  /** Something comes from the peer; `UNFINISHED` are bytes of which nothing can be made yet. */
  hear(what = 'x'): void {
    this.endpoint.write(Buffer.from(what));
  }

  /** Bytes go to the peer, if it takes any. */
  say(): void {
    this.#output.push(Buffer.from('y'));
    this.#hasOutput();
  }

  /** Lets time pass, and what is said in it go out; `each` is called before every ten milliseconds. */
  async pass(ms: number, each: () => void = () => undefined): Promise<void> {
    for (const end = this.#now + ms; this.#now < end; this.#now += 10) {
      each();
      vi.advanceTimersByTime(10);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #ping(): Promise<number> {
    this.pings += 1;
    this.pingedAt.push(this.#now);
    this.say();
    return Promise.resolve(1);
  }
}

describe('a peer of which nothing comes', () => {
  it('is asked within the time, and again, and then given up', async () => {
    const watched = new Watched();
    const error = once(watched.endpoint, 'error');
    await watched.pass(IDLE_MS);
    expect(watched.pings).toBe(1);
    await watched.pass(DEAD_MS - IDLE_MS - 20);
    expect(watched.dead).toBe(false);
    expect(watched.pings).toBeGreaterThanOrEqual(2);
    expect(watched.pings).toBeLessThanOrEqual(4);
    await watched.pass(IDLE_MS);
    expect(watched.dead).toBe(true);
    expect(await error).toMatchObject([{ code: 'ETIMEDOUT', retryable: true }]);
  });

  it('is not asked again while the last ping has not gone', async () => {
    const watched = new Watched({ intervalMs: IDLE_MS, timeoutMs: 100 * IDLE_MS });
    watched.endpoint.pause();
    watched.say();
    while (watched.endpoint.push(Buffer.alloc(65_536)));
    await watched.pass(10 * IDLE_MS);
    expect(watched.pings).toBe(1);
  });
});

describe('a peer of which bytes come that make nothing', () => {
  it('is given up all the same: a damaged length waits for a header that never ends', async () => {
    const watched = new Watched();
    await watched.pass(DEAD_MS + IDLE_MS, () => watched.hear(UNFINISHED));
    expect(watched.dead).toBe(true);
  });
});

describe('a peer that lives', () => {
  it('is never given up, and need not answer with pongs', async () => {
    const watched = new Watched();
    for (let round = 0; round < 20; round += 1) {
      watched.hear();
      await watched.pass(DEAD_MS - IDLE_MS / 2);
    }
    expect(watched.dead).toBe(false);
  });

  it('is not asked while bytes come and go', async () => {
    const watched = new Watched();
    await watched.pass(5 * DEAD_MS, () => {
      watched.hear();
      watched.say();
    });
    expect(watched.pings).toBe(0);
  });

  it('hears something in every such time, also when it speaks all the time itself', async () => {
    const watched = new Watched();
    await watched.pass(5 * DEAD_MS, () => watched.hear());
    const gaps = watched.pingedAt.map((at, index) => at - (watched.pingedAt[index - 1] ?? 0));
    expect(gaps.length).toBeGreaterThan(10);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(IDLE_MS);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(IDLE_MS / 2);
  });

  it('is not taken for dead because this end does not read it, as long as it takes what it is sent', async () => {
    const watched = new Watched();
    watched.congested = true;
    watched.hear();
    await watched.pass(5 * DEAD_MS, () => watched.say());
    expect(watched.dead).toBe(false);
    await watched.pass(DEAD_MS + IDLE_MS, () => watched.endpoint.pause());
    expect(watched.dead).toBe(true);
  });

  it('is not taken for dead because it has said all it had to say', async () => {
    const watched = new Watched();
    watched.endpoint.end();
    await watched.pass(5 * DEAD_MS);
    expect(watched.dead).toBe(false);
  });
});

describe('patience that changes', () => {
  it('holds from then on, and the silence begins anew', async () => {
    const watched = new Watched();
    await watched.pass(DEAD_MS - IDLE_MS);
    watched.set({ intervalMs: IDLE_MS / 4, timeoutMs: DEAD_MS });
    const before = watched.pings;
    await watched.pass(IDLE_MS);
    expect(watched.dead).toBe(false);
    expect(watched.pings - before).toBeGreaterThanOrEqual(4);
    watched.set({ intervalMs: IDLE_MS / 4, timeoutMs: IDLE_MS });
    await watched.pass(2 * IDLE_MS);
    expect(watched.dead).toBe(true);
  });

  it('changes nothing after the end', async () => {
    const watched = new Watched();
    const closed = once(watched.endpoint, 'close');
    watched.endpoint.destroy();
    await closed;
    watched.set({ intervalMs: 10, timeoutMs: 30 });
    expect(vi.getTimerCount()).toBe(0);
  });
});

it('takes the time in which this process stood still for nobody’s silence', async () => {
  vi.useRealTimers();
  const watched = new Watched({ intervalMs: 20, timeoutMs: 60 });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  expect(watched.dead).toBe(false);
  watched.endpoint.destroy();
});
