/** Floods: one connection that sends as many cheap frames as it can. */
import { expect, it } from 'vitest';
import { reportNumbers } from '../../faults/numbers.js';
import { flood, floodUntilEnd } from './flood.js';
import { requestsUntil } from './operations/requests-until.js';
import { MIB, Scene } from './scene.js';
import { boundMs } from './size.js';

/** Bytes by which the server's process may grow, garbage included. */
const MAX_GROWTH_BYTES = 64 * MIB;

/** Maximum latency in milliseconds of a small request of another client during the flood. */
const MAX_MS = 1_000;

const UPLOAD = 'open id=1 op=upload path=drops\n';
const HELD = 'open id=1 op=download path=large window=0\n';
const CHANNELS = Array.from(
  { length: 64 },
  (_, at) => `open id=${2 * at + 1} op=download path=large window=0\n`,
);

interface Flood {
  readonly first: string;
  readonly count: number;
  readonly frame: (id: number) => string;
}

/** The frames: first a prelude, then one frame again and again with a rising odd id. */
const floods: Record<string, Flood> = {
  'frames of one byte': { first: UPLOAD, count: 1_000_000, frame: () => 'data id=1 length=1\nx\n' },
  'frames of nothing': { first: UPLOAD, count: 1_000_000, frame: () => 'data id=1 length=0\n\n' },
  pings: { first: '', count: 1_000_000, frame: (id) => `ping token=${id}\n` },
  acks: { first: HELD, count: 1_000_000, frame: () => 'ack id=1 offset=0 window=0\n' },
  'unknown frames': { first: HELD, count: 1_000_000, frame: () => 'strange field=1\n' },
  'unknown frames of a channel': { first: HELD, count: 1_000_000, frame: () => 'strange id=1\n' },
  'requests beyond the limit of channels': {
    first: CHANNELS.join(''),
    count: 100_000,
    frame: (id) => `open id=${id + 128} op=stat path=small\n`,
  },
};

/** Requests that cost the server more than the peer. The server ends the connection. */
const expensive: Record<string, (id: number) => string> = {
  'downloads opened and cancelled': (id) =>
    `open id=${id} op=download path=large window=0\ncancel id=${id}\n`,
  'uploads opened and stopped by an unknown frame': (id) =>
    `open id=${id} op=upload path=drops\nstrange id=${id}\n`,
};

for (const [name, frame] of Object.entries(expensive)) {
  it(`the server ends a flood of ${name} with an error that the peer reads`, async (context) => {
    const scene = await Scene.open();
    const client = await scene.client();
    const before = await scene.look();
    const stop = requestsUntil(client);
    const { sent, lastWord } = await floodUntilEnd(scene.port, 'hello version=1\n', (number) =>
      frame(2 * number + 1),
    );
    const { requests, most } = await stop();
    const { peakRssBytes } = await scene.look();
    const left = await scene.returnsTo(before);
    const { errors } = await scene.server.ask('stats', undefined);
    const growth = peakRssBytes - before.rssBytes;
    reportNumbers(context, {
      'sent until the end': sent,
      'MiB at most': Math.round(growth / MIB),
      'requests of another client meanwhile': requests,
      'ms the slowest of them': Math.round(most),
      'bytes left': left,
    });
    expect(lastWord).toMatch(/^error code=EFLOOD /);
    expect(errors).toEqual({ EFLOOD: 1 });
    expect(growth).toBeLessThan(MAX_GROWTH_BYTES);
    expect(most).toBeLessThan(boundMs(MAX_MS));
  });
}

for (const [name, { first, count, frame }] of Object.entries(floods)) {
  it(`the server bounds the cost of ${count} ${name}`, async (context) => {
    const scene = await Scene.open();
    const client = await scene.client();
    const before = await scene.look();
    const stop = requestsUntil(client);
    const { outcome, socket } = await flood(scene.port, `hello version=1\n${first}`, {
      count,
      frame: (number) => frame(2 * number + 1),
      // The prelude is being served, and its frames are allowed.
      ready: async () => first === '' || (await scene.server.ask('stats', undefined)).activeRequests > 0,
    });
    const { requests, most } = await stop();
    const { peakRssBytes, stats } = await scene.look();
    socket.destroy();
    const left = await scene.returnsTo(before);
    const { errors } = await scene.server.ask('stats', undefined);
    const growth = peakRssBytes - before.rssBytes;
    const requestsSeen = stats.servedRequests + stats.failedRequests;
    reportNumbers(context, {
      [`sent, ${outcome.end}`]: outcome.sent,
      'MiB at most': Math.round(growth / MIB),
      'requests of another client meanwhile': requests,
      'ms the slowest of them': Math.round(most),
      'requests in all': requestsSeen,
      'bytes left': left,
      ends: Object.keys(errors).join(' '),
    });
    expect(growth).toBeLessThan(MAX_GROWTH_BYTES);
    expect(most).toBeLessThan(boundMs(MAX_MS));
  });
}
