/** What is written to an endpoint is lent for the call: whoever writes it reads the next bytes into the same memory. */
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Endpoint, type EndpointSession } from '../../../src/session/transport/endpoint.js';
import { RateLimit } from '../../../src/session/transport/throttle.js';
import { counting } from '../../support/bytes.js';

const BYTES = 60_000;

/** A session that keeps what it is given, finds a request in each hundred bytes, and is congested after each call. */
class Keeping implements EndpointSession {
  onOutput = (): void => undefined;
  activityCount = 0;
  requestCount = 0;
  congested = false;
  readonly finished = false;
  readonly failed = false;
  readonly pieces: Buffer[] = [];
  readonly #isCongesting: boolean;

  constructor(isCongesting = false) {
    this.#isCongesting = isCongesting;
  }

  receive(chunk: Buffer): void {
    this.pieces.push(Buffer.from(chunk));
    this.activityCount += chunk.length;
    this.requestCount += chunk.length / 100;
    this.congested = this.#isCongesting;
    this.onOutput();
  }

  read(): Uint8Array[] {
    this.congested = false;
    return [];
  }

  receiveEnd = (): void => undefined;
  disconnect = (): void => undefined;
}

/** Writes a chunk, changes it, and gives what has come of it, all in all, and in how many pieces. */
async function comeOf(endpoint: Endpoint, session: Keeping): Promise<{ bytes: Buffer; pieces: number }> {
  endpoint.resume();
  // The first chunk tells how large requests are.
  endpoint.write(counting(0, BYTES));
  while (session.activityCount < BYTES || !endpoint.consumesSynchronously) await turn();
  session.pieces.length = 0;
  const chunk = counting(0, BYTES);
  endpoint.write(chunk);
  chunk.fill(0xff);
  while (session.activityCount < 2 * BYTES) await turn();
  return { bytes: Buffer.concat(session.pieces), pieces: session.pieces.length };
}

describe('of a chunk that is changed after it was written, all comes as it was', () => {
  it('where it is taken in by turns', async () => {
    const session = new Keeping();
    const { bytes, pieces } = await comeOf(new Endpoint(session), session);
    expect(pieces).toBeGreaterThan(2);
    expect(bytes.equals(counting(0, BYTES))).toBe(true);
  });

  it('where the session is congested', async () => {
    const session = new Keeping(true);
    const { bytes, pieces } = await comeOf(new Endpoint(session), session);
    expect(pieces).toBeGreaterThan(2);
    expect(bytes.equals(counting(0, BYTES))).toBe(true);
  });

  it('where a limit holds it up', async () => {
    const session = new Keeping();
    const endpoint = new Endpoint(session);
    endpoint.limit({ receiving: new RateLimit(10_000_000) });
    const { bytes, pieces } = await comeOf(endpoint, session);
    expect(pieces).toBeGreaterThan(2);
    expect(bytes.equals(counting(0, BYTES))).toBe(true);
  });
});
