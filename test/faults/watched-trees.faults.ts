/** Real directories that programs change in bursts, while connections are cut or the system has no watch left. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { FileClient } from '../../src/index.js';
import { Watched } from '../integration/watching/watched.js';
import { serve, temporaryDirectory } from '../support/servers/serve.js';
import { codecs, fastClient, fastServer } from './fixtures/fast-ends.js';
import type { Random } from './fixtures/random.js';
import { runParallel } from './fixtures/run-parallel.js';
import { withinResources } from './fixtures/resources.js';
import { ChaosProxy } from './network/chaos-proxy.js';
import { reportNumbers } from './numbers.js';
import { CrashServer } from './processes/crash-server.js';
import { canLimitWatches, limitedWatches } from './processes/limited-watches.js';
import { chanceOf, sized } from './size.js';

/** Bursts of about 100 changes. */
const BURSTS = 20;

/** Watches that the system allows, fewer than there are directories. */
const MAX_WATCHES = 12;

it(
  'what a client knows becomes what a directory has, whatever is cut',
  { timeout: 900_000 },
  async (context) => {
    const rounds = sized(4, 40);
    const chance = chanceOf('watched-trees');
    let changes = 0;
    let cuts = 0;
    let lost = 0;
    const memory = await withinResources(async () => {
      await runParallel(rounds, 2, async (round) => {
        const random = chance.fork(round);
        const root = await temporaryDirectory();
        const { port, server } = await serve({ root, ...fastServer });
        const proxy = await new ChaosProxy(port).listen();
        const client = new FileClient(fastClient(proxy.port, codecs[round % codecs.length]));
        const watched = new Watched(client);
        try {
          await watched.until('ready');
          changes += await changesWhile(watched, root, {
            random,
            between: (burst) => {
              if (burst % 7 === 3) proxy.cutAll('reset');
            },
          });
          const told = watched.takeKinds().filter((kind) => kind === 'lost').length;
          expect(proxy.cuts).toBeGreaterThan(0);
          expect(told).toBeGreaterThan(0);
          lost += told;
          cuts += proxy.cuts;
        } finally {
          await client.close({ graceMs: 0 });
          await proxy.close();
          await server.close({ graceMs: 0 });
        }
      });
    });
    reportNumbers(context, { rounds, changes, cuts, 'times lost': lost, ...memory });
  },
);

it.skipIf(!canLimitWatches())(
  'what a client knows becomes what a directory has, also without a watch of the system for each directory',
  { timeout: 900_000 },
  async (context) => {
    const rounds = sized(1, 4);
    let changes = 0;
    const memory = await withinResources(async () => {
      for (let round = 0; round < rounds; round += 1) {
        const root = await temporaryDirectory();
        const server = await new CrashServer(root, { flush: false }, limitedWatches(MAX_WATCHES)).start();
        const client = new FileClient({ port: server.port, codec: codecs[round % codecs.length] });
        try {
          for (let index = 0; index < 3 * MAX_WATCHES; index += 1)
            await mkdir(path.join(root, `before ${index}/inner`), { recursive: true });
          const watched = new Watched(client);
          await watched.until('ready');
          changes += await changesWhile(watched, root, { random: chanceOf(`limited-${round}`) });
          await writeFile(path.join(root, `before ${3 * MAX_WATCHES - 1}/inner/last`), '');
          await watched.untilEqual();
        } finally {
          await client.close({ graceMs: 0 });
          await server.kill();
        }
      }
    });
    reportNumbers(context, { rounds, changes, ...memory });
  },
);

/** Changes a directory in bursts, takes events meanwhile, and waits until both are equal. Resolves with the number of changes. */
async function changesWhile(
  watched: Watched,
  root: string,
  { random, between }: { random: Random; between?: (burst: number) => void },
): Promise<number> {
  let isDone = false;
  const changing = changeInBursts(root, random, between).finally(() => (isDone = true));
  while (!isDone) await Promise.race([watched.next(), changing]);
  await writeFile(path.join(root, 'last'), '');
  await watched.untilEqual();
  return changing;
}

async function changeInBursts(
  root: string,
  random: Random,
  between?: (burst: number) => void,
): Promise<number> {
  let changes = 0;
  for (let burst = 0; burst < BURSTS; burst += 1) {
    const directory = path.join(root, `burst ${burst}`);
    const deep = path.join(directory, 'one/two/three');
    await mkdir(deep, { recursive: true });
    const names = Array.from({ length: 55 }, (_, index) =>
      path.join(random.pick([directory, deep, path.join(directory, 'one')]), `file ${index}`),
    );
    await Promise.all(names.map((name) => writeFile(name, name)));
    between?.(burst);
    await Promise.all(names.slice(0, 20).map((name) => rename(name, `${name} renamed`)));
    await Promise.all(names.slice(20, 38).map((name) => rm(name)));
    changes += 4 + 55 + 20 + 18;
    if (burst % 4 === 1) await rename(directory, path.join(root, `moved ${burst}`));
    if (burst % 4 === 2) await rm(directory, { recursive: true });
    if (burst % 4 === 3) await rename(path.join(directory, 'one'), path.join(root, `out ${burst}`));
    if (burst % 4 !== 0) changes += 1;
  }
  return changes;
}
