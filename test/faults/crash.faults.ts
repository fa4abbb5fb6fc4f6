/** A server that is killed repeatedly during uploads: all uploads complete, and no reader sees a partial file. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import {
  FileClient,
  TransferError,
  type CodecName,
  type FileClientOptions,
  type FileServerOptions,
} from '../../src/index.js';
import { INITIAL_WINDOW_BYTES } from '../../src/protocol/limits.js';
import { bytesOf } from '../support/bytes.js';
import { temporaryDirectory } from '../support/servers/serve.js';
import { ChaosProxy } from './network/chaos-proxy.js';
import { CrashServer } from './processes/crash-server.js';
import { reportNumbers } from './numbers.js';
import type { Random } from './fixtures/random.js';
import { withinResources } from './fixtures/resources.js';
import { chanceOf, sized } from './size.js';
import { codecs, fastClient, fastServer } from './fixtures/fast-ends.js';
import { digest, Target } from './fixtures/target.js';

const UPLOADERS = 16;

/** On a busy machine a server needs seconds to start and to answer. */
const TIMEOUT_MS = sized(300_000, 3_600_000);

it('16 uploads survive kills of the server', { timeout: TIMEOUT_MS }, async (context) => {
  const kills = sized(10, 200);
  const chance = chanceOf('crash');
  const root = await temporaryDirectory();
  const numbers = {
    kills,
    uploads: 0,
    'of unknown outcome': 0,
    'looks by a reader': 0,
    'bytes sent twice': 0,
  };
  const memory = await withinResources(async () => {
    const server = await new CrashServer(root, patientServer).start();
    const proxy = await new ChaosProxy(server.port).listen();
    const targets = Array.from({ length: UPLOADERS }, (_, number) => new Target(number));
    const storm: Storm = { killing: true, unknown: 0 };
    try {
      const uploaded = targets.map((target) =>
        upload(proxy.port, { target, storm, random: chance.fork(target.number) }),
      );
      const looked = keepLooking(proxy.port, targets, storm);
      const killed = killAgain(server, { kills, proxy, chance, look: () => look(root, targets) });
      const done = Promise.all([...uploaded, looked]);
      await Promise.race([killed.finally(() => (storm.killing = false)), done]);
      await done;
      numbers['looks by a reader'] = await looked;
    } finally {
      storm.killing = false;
      await proxy.close();
      await server.kill();
    }
    await look(root, targets);
    await expectNoParts(root);
    numbers['of unknown outcome'] = storm.unknown;
    numbers.uploads = targets.reduce((sum, { uploads }) => sum + uploads, 0);
    numbers['bytes sent twice'] =
      proxy.carried.toServer - targets.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
  });
  reportNumbers(context, { ...numbers, ...memory });
});

const patientServer = { limits: fastServer.limits } satisfies FileServerOptions;

/** A client that notices a kill by the reset, and does not give up before the check does. */
function patientClient(port: number, codec?: CodecName): FileClientOptions {
  const { limits, reconnect } = fastClient(port);
  return { port, codec, limits, reconnect: { ...(reconnect as object), maxElapsedMs: TIMEOUT_MS } };
}

/** Whether the server is still being killed. */
interface Storm {
  killing: boolean;
  /** Small uploads of which no server knew after a kill whether they were stored. */
  unknown: number;
}

/** Uploads version after version under one name, as long as the storm lasts; the last one to its end. */
async function upload(
  port: number,
  { target, storm, random }: { target: Target; storm: Storm; random: Random },
): Promise<void> {
  const client = new FileClient(patientClient(port, codecs[target.number % codecs.length]));
  try {
    do {
      const bytes = bytesOf(random.integer(20_000, 400_000), target.number * 10_000 + target.uploads + 1);
      await target.replace(bytes, async () => {
        while (!(await isKnownToBeStored(client, target, bytes))) storm.unknown += 1;
      });
    } while (storm.killing);
  } finally {
    await client.close();
  }
}

/** False if a killed server has left nothing by which another one knows the outcome. It does for all but small uploads. */
async function isKnownToBeStored(client: FileClient, target: Target, bytes: Buffer): Promise<boolean> {
  try {
    await client.writeFile(target.name, bytes);
    return true;
  } catch (error) {
    const isUnknown = error instanceof TransferError && error.outcomeUnknown;
    if (isUnknown && bytes.length <= INITIAL_WINDOW_BYTES) return false;
    throw error;
  }
}

interface Killing {
  readonly kills: number;
  readonly proxy: ChaosProxy;
  readonly chance: Random;
  /** Called while no server runs. */
  look(): Promise<void>;
}

async function killAgain(server: CrashServer, { kills, proxy, chance, look }: Killing): Promise<void> {
  for (let count = 0; count < kills; count += 1) {
    await proxy.whenCarried('toServer', chance.integer(0, 4_000_000));
    // The last steps of an upload take no bytes.
    await sleep(chance.integer(0, 3));
    await server.kill();
    await look();
    await server.start();
  }
}

/** The expected files on disk: under each name one of its versions, and nothing else. */
async function look(root: string, targets: readonly Target[]): Promise<void> {
  const names = (await readdir(root)).filter((name) => name !== '.socket-ftp');
  expect(targets.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
  for (const target of targets) await target.lookAt(root);
}

/** Commit records may stay, so that a lost result can be repeated; parts may not. */
async function expectNoParts(root: string): Promise<void> {
  const kept = await readdir(path.join(root, '.socket-ftp')).catch(() => []);
  expect(kept.filter((name) => !name.endsWith('.done'))).toEqual([]);
}

/** Reads all files continuously, and compares them with the possible versions. Resolves with the number of reads. */
async function keepLooking(port: number, targets: readonly Target[], storm: Storm): Promise<number> {
  const client = new FileClient(patientClient(port));
  let looks = 0;
  try {
    while (storm.killing) {
      for (const name of await shownBy(client)) {
        const target = targets.find((candidate) => candidate.name === name);
        const possible = target?.possible();
        const found = await digestOf(client, name);
        if (!storm.killing) break;
        if (found === undefined) continue;
        expect([...(possible ?? []), ...(target?.possible() ?? [])], `what is shown as ${name}`).toContain(
          found,
        );
        looks += 1;
      }
    }
  } finally {
    await client.close();
  }
  return looks;
}

/** The names in a listing; none if its connection was lost, because a listing does not resume. */
async function shownBy(client: FileClient): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { path: name } of client.list()) names.push(name);
    return names;
  } catch (error) {
    if (error instanceof TransferError && error.retryable) return [];
    throw error;
  }
}

/** The content that a client reads; undefined if the file changed while its connection was lost. */
async function digestOf(client: FileClient, name: string): Promise<string | undefined> {
  try {
    return digest(await client.readFile(name));
  } catch (error) {
    if (error instanceof TransferError && error.code === 'ESTALE') return undefined;
    throw error;
  }
}
