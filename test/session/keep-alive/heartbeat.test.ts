/** The heartbeat under a clock of the test's own, on an endpoint whose bytes the test carries. */
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Endpoint } from '../../../src/session/transport/endpoint.js';
import { Heartbeat } from '../../../src/session/keep-alive/heartbeat.js';
import { turns } from '../../support/servers/unfriendly.js';
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

/** A watched endpoint whose peer reads the output until it stops. */
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

  /** Advances the time, and sends the output of that time; `each` is called before every ten milliseconds. */
  async pass(ms: number, each: () => void = () => undefined): Promise<void> {
    for (const end = this.#now + ms; this.#now < end; this.#now += 10) {
      each();
      vi.advanceTimersByTime(10);
      await turns(3);
    }
  }

  #ping(): Promise<number> {
    this.pings += 1;
    this.pingedAt.push(this.#now);
    this.say();
    return Promise.resolve(1);
  }
}

describe('a silent peer', () => {
  it('gets pings within the timeout, and is then disconnected', async () => {
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

  it('gets no other ping while the last one has not been sent', async () => {
    const watched = new Watched({ intervalMs: IDLE_MS, timeoutMs: 100 * IDLE_MS });
    watched.endpoint.pause();
    watched.say();
    while (watched.endpoint.push(Buffer.alloc(65_536)));
    await watched.pass(10 * IDLE_MS);
    expect(watched.pings).toBe(1);
  });
});

describe('a peer whose bytes form no frame', () => {
  it('is disconnected all the same: a damaged length waits for a header that never ends', async () => {
    const watched = new Watched();
    await watched.pass(DEAD_MS + IDLE_MS, () => watched.hear(UNFINISHED));
    expect(watched.dead).toBe(true);
  });
});

describe('a live peer', () => {
  it('is never disconnected, and need not answer with pongs', async () => {
    const watched = new Watched();
    for (let round = 0; round < 20; round += 1) {
      watched.hear();
      await watched.pass(DEAD_MS - IDLE_MS / 2);
    }
    expect(watched.dead).toBe(false);
  });

  it('gets no ping while bytes flow', async () => {
    const watched = new Watched();
    await watched.pass(5 * DEAD_MS, () => {
      watched.hear();
      watched.say();
    });
    expect(watched.pings).toBe(0);
  });

  it('gets a frame in each interval, also while it sends all the time', async () => {
    const watched = new Watched();
    await watched.pass(5 * DEAD_MS, () => watched.hear());
    const gaps = watched.pingedAt.map((at, index) => at - (watched.pingedAt[index - 1] ?? 0));
    expect(gaps.length).toBeGreaterThan(10);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(IDLE_MS);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(IDLE_MS / 2);
  });

  it('is not considered dead because this end does not read, as long as it accepts bytes', async () => {
    const watched = new Watched();
    watched.congested = true;
    watched.hear();
    await watched.pass(5 * DEAD_MS, () => watched.say());
    expect(watched.dead).toBe(false);
    await watched.pass(DEAD_MS + IDLE_MS, () => watched.endpoint.pause());
    expect(watched.dead).toBe(true);
  });

  it('is not considered dead because it has ended its side', async () => {
    const watched = new Watched();
    watched.endpoint.end();
    await watched.pass(5 * DEAD_MS);
    expect(watched.dead).toBe(false);
  });
});

describe('a changed timeout', () => {
  it('applies immediately, and restarts the measurement', async () => {
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

  it('has no effect after the end', async () => {
    const watched = new Watched();
    const closed = once(watched.endpoint, 'close');
    watched.endpoint.destroy();
    await closed;
    watched.set({ intervalMs: 10, timeoutMs: 30 });
    expect(vi.getTimerCount()).toBe(0);
  });
});

it('the heartbeat does not count time in which this process was suspended', async () => {
  vi.useRealTimers();
  const watched = new Watched({ intervalMs: 20, timeoutMs: 60 });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  await turns(4);
  expect(watched.dead).toBe(false);
  watched.endpoint.destroy();
});
