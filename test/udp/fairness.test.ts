import { describe, expect, it } from 'vitest';
import { Random } from '../faults/fixtures/random.js';
import { CubicFlow } from './simulation/cubic-flow.js';
import { Link } from './simulation/link.js';
import { START_US, Transfer } from './simulation/transfer.js';
import { VirtualClock } from './simulation/virtual-clock.js';

const settings = { mbitPerSecond: 100, rttMs: 40 };

/** The second flow starts after 4 s, and both are compared for 12 s. */
const SECOND_MS = 4_000;
const END_MS = 16_000;

interface Flow {
  readonly bytes: () => number;
}

class Path {
  readonly clock = new VirtualClock(START_US);
  readonly link = new Link(settings, this.clock, new Random(1));

  cubic(): Flow {
    const flow = new CubicFlow(this.clock, this.link);
    flow.start();
    return { bytes: () => flow.receivedBytes };
  }

  udp(seed: number): Flow {
    const { received } = new Transfer({ link: settings, sizes: [1e9], seed, shared: this });
    return { bytes: () => received.receivedBytes };
  }

  /** The share of the flow that starts second. */
  shareOfSecond(startFirst: () => Flow, startSecond: () => Flow): number {
    const first = startFirst();
    this.#runTo(SECOND_MS);
    const before = first.bytes();
    const second = startSecond();
    this.#runTo(END_MS);
    const firstBytes = first.bytes() - before;
    expect(((firstBytes + second.bytes()) * 8) / (END_MS - SECOND_MS) / 1_000).toBeGreaterThan(80);
    return second.bytes() / (firstBytes + second.bytes());
  }

  #runTo(ms: number): void {
    this.clock.run(START_US + ms * 1_000, () => false);
  }
}

describe('a flow driven by losses, on a queue of one bandwidth-delay product', { timeout: 60_000 }, () => {
  it('is not starved by a later transfer in datagrams', () => {
    const path = new Path();
    const share = path.shareOfSecond(
      () => path.cubic(),
      () => path.udp(1),
    );
    expect(share).toBeGreaterThan(0.25);
    expect(share).toBeLessThan(0.8);
  });

  it('gets a share beside an earlier transfer in datagrams', () => {
    const shares = [1, 2].map((seed) => {
      const path = new Path();
      return path.shareOfSecond(
        () => path.udp(seed),
        () => path.cubic(),
      );
    });
    expect(Math.min(...shares)).toBeGreaterThan(0.1);
    expect(shares.reduce((sum, share) => sum + share) / shares.length).toBeGreaterThan(0.15);
  });
});

describe('two transfers in datagrams', { timeout: 60_000 }, () => {
  it('share the path', () => {
    const path = new Path();
    const share = path.shareOfSecond(
      () => path.udp(1),
      () => path.udp(101),
    );
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.8);
  });
});
