/** A network that drops everything silently: both ends detect it in time, and uploads resume. */
import { expect, it } from 'vitest';
import { DirectoryStorage, FileClient, FileServer } from '../../src/index.js';
import { bytesOf } from '../support/bytes.js';
import { temporaryDirectory } from '../support/servers/serve.js';
import { ChaosProxy } from './network/chaos-proxy.js';
import { runParallel } from './fixtures/run-parallel.js';
import { reportNumbers } from './numbers.js';
import { portOf } from './network/port.js';
import type { Random } from './fixtures/random.js';
import { withinResources } from './fixtures/resources.js';
import { chanceOf, sized } from './size.js';
import { codecs, fastClient, WINDOW_BYTES } from './fixtures/fast-ends.js';

const IDLE_MS = 100;
const DEAD_MS = 400;

/** Tolerance for a busy machine. */
const SLACK_MS = 800;

/** Timeout of the server, so that no upload resumes because the server has closed the older connection. */
const PATIENT_MS = 60_000;

it('uploads into a black hole fail after the timeout, and resume', async (context) => {
  const count = sized(24, 400);
  const chance = chanceOf('black hole');
  const found: number[] = [];
  const goneOn: number[] = [];
  const root = await temporaryDirectory();
  const memory = await withinResources(async () => {
    const server = await new FileServer({
      storage: new DirectoryStorage(root),
      limits: { windowBytes: WINDOW_BYTES },
      keepAlive: { timeoutMs: PATIENT_MS },
      timeouts: { stallMs: PATIENT_MS },
    }).listen(0);
    await runParallel(count, 4, async (number) => {
      const times = await upload(number, portOf(server), chance.fork(number));
      found.push(times.foundMs);
      goneOn.push(times.goneOnMs);
    });
    await server.close({ graceMs: 0 });
  });
  expect(Math.max(...found)).toBeLessThan(DEAD_MS + SLACK_MS);
  expect(Math.max(...goneOn)).toBeLessThan(1_500);
  const numbers = {
    'ms at most until found': round(found),
    'ms at most from there to the end': round(goneOn),
  };
  reportNumbers(context, { uploads: count, ...numbers, ...memory });
});

/** Uploads over a connection that becomes silent, and one that does not. */
async function upload(
  number: number,
  port: number,
  random: Random,
): Promise<{ foundMs: number; goneOnMs: number }> {
  const bytes = bytesOf(random.integer(200_000, 400_000), number + 1);
  const silence = { direction: 'toServer', afterBytes: random.integer(100, 150_000) } as const;
  const proxy = await new ChaosProxy(port, {
    seed: number,
    fate: (connection) => (connection === 0 ? { silence } : {}),
  }).listen();
  let foundAt = 0;
  const client = new FileClient({
    ...fastClient(proxy.port, codecs[number % codecs.length]),
    keepAlive: { intervalMs: IDLE_MS, timeoutMs: DEAD_MS },
  });
  client.on('disconnect', () => (foundAt ||= performance.now()));
  const written = client.writeFile(`file-${number}`, bytes);
  await proxy.whenCarried('toServer', silence.afterBytes);
  const silentAt = performance.now();
  await written;
  const endedAt = performance.now();
  expect((await client.readFile(`file-${number}`)).equals(bytes)).toBe(true);
  await client.close();
  await proxy.close();
  expect(proxy.links).toHaveLength(2);
  return { foundMs: foundAt - silentAt, goneOnMs: endedAt - foundAt };
}

function round(times: readonly number[]): number {
  return Math.round(Math.max(...times));
}
