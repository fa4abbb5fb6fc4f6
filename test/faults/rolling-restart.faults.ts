/** A server that restarts while many clients are at work: no request fails, and the clients do not all return at once. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { FileClient } from '../../src/index.js';
import { bytesOf } from '../support/bytes.js';
import { temporaryDirectory } from '../support/servers/serve.js';
import { codecs } from './fixtures/fast-ends.js';
import { withinResources } from './fixtures/resources.js';
import { reportNumbers } from './numbers.js';
import { CrashServer, type ServerReport } from './processes/crash-server.js';
import { chanceOf, sized } from './size.js';

/** A busy machine takes several times as long as another one. */
const TIMEOUT_MS = sized(180_000, 3_600_000);

const FILES = 200;
/** Bytes of the longest upload. */
const LONGEST = 1_500_000;
/** Each upload is another part of it. */
const content = bytesOf(2 * LONGEST);
/** Twice the rate at which the server lets its clients return: a busy machine accepts late. */
const MAX_CONNECTIONS_PER_SECOND = 100;
/** Short, so that it ends in the middle of uploads. */
const GRACE_MS = 50;
/** Longer than a process takes to start on a busy machine. */
const RETRY_AFTER_MS = 3_000;

it(
  'clients of a server that restarts lose no request and return one after the other',
  async (context) => {
    const clients = sized(40, 200);
    const restarts = sized(2, 10);
    const numbers = {
      uploads: 0,
      listings: 0,
      'ended by the grace time': 0,
      'connections in 1 s at most': 0,
    };
    const root = await temporaryDirectory();
    await mkdir(path.join(root, 'listed'));
    for (let file = 0; file < FILES; file += 1) await writeFile(path.join(root, 'listed', `f${file}`), 'x');
    const memory = await withinResources(async () => {
      const server = await new CrashServer(root, { flush: false }).start();
      const all = Array.from(
        { length: clients },
        // A busy machine may take long for each connection.
        (_, number) =>
          new FileClient({
            port: server.port,
            codec: codecs[number % codecs.length],
            timeouts: { connectMs: 60_000 },
          }),
      );
      for (const client of all) await client.connect();
      const loops = all.map((client, number) =>
        number % 2 === 0 ? uploading(client, number, root) : listing(client),
      );
      for (let restart = 0; restart <= restarts; restart += 1) {
        const before = loops.map(({ done }) => done());
        // Not at every turn of the event loop, which the clients share.
        while (!loops.every(({ done, failed }, at) => failed() || done() > before[at]! + 1)) await sleep(20);
        for (const { failure } of loops) expect(failure()).toBeUndefined();
        const isLast = restart === restarts;
        if (isLast) await Promise.all(loops.map(({ stop }) => stop()));
        const report = await server.close({ graceMs: GRACE_MS, retryAfterMs: RETRY_AFTER_MS });
        numbers['ended by the grace time'] += report.interrupted;
        // At first, all of them come at once.
        if (restart > 0) {
          const most = mostInOneSecond(report);
          numbers['connections in 1 s at most'] = Math.max(numbers['connections in 1 s at most'], most);
          expect(report.connectedAt.length).toBeGreaterThanOrEqual(clients);
          expect(most).toBeLessThanOrEqual(MAX_CONNECTIONS_PER_SECOND);
        }
        if (!isLast) await server.start();
      }
      numbers.uploads = loops.reduce((sum, { done }, at) => sum + (at % 2 === 0 ? done() : 0), 0);
      numbers.listings = loops.reduce((sum, { done }, at) => sum + (at % 2 === 1 ? done() : 0), 0);
    });
    reportNumbers(context, { clients, restarts, ...numbers, ...memory });
  },
  TIMEOUT_MS,
);

/** A client that does one thing again and again. */
interface Loop {
  /** How often it has succeeded. */
  readonly done: () => number;
  readonly failed: () => boolean;
  readonly failure: () => unknown;
  /** Resolves when the last request has ended and the client is closed. */
  readonly stop: () => Promise<void>;
}

function loopOf(client: FileClient, work: (turn: number) => Promise<void>): Loop {
  let done = 0;
  let stopped = false;
  let failure: unknown;
  const ended = (async () => {
    for (; !stopped; done += 1) await work(done);
  })().catch((error: unknown) => (failure = error));
  const stop = async (): Promise<void> => {
    stopped = true;
    await ended;
    await client.close();
  };
  return { done: () => done, failed: () => failure !== undefined, failure: () => failure, stop };
}

/** Uploads files, and compares each one on the disk. */
function uploading(client: FileClient, number: number, root: string): Loop {
  const chance = chanceOf(`rolling restart ${number}`);
  return loopOf(client, async (turn) => {
    const from = chance.integer(0, LONGEST);
    const bytes = content.subarray(from, from + chance.integer(100_000, LONGEST));
    const name = `u${number}-${turn}`;
    await client.writeFile(name, bytes);
    expect(bytes.equals(await readFile(path.join(root, name)))).toBe(true);
    await rm(path.join(root, name));
  });
}

function listing(client: FileClient): Loop {
  return loopOf(client, async () => {
    expect(new Set((await client.readdir('listed')).map(({ path: at }) => at)).size).toBe(FILES);
  });
}

function mostInOneSecond({ connectedAt }: ServerReport): number {
  const counts = connectedAt.map(
    (start) => connectedAt.filter((at) => at >= start && at < start + 1_000).length,
  );
  return Math.max(0, ...counts);
}
