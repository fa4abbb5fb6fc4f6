/** Many clients that want one name: without overwriting one gets it; readers see one whole version at any time. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { DirectoryStorage, FileClient, FileServer, TransferError } from '../../src/index.js';
import { bytesOf } from '../support/bytes.js';
import { temporaryDirectory } from '../support/servers/serve.js';
import { reportNumbers } from './numbers.js';
import { portOf } from './network/port.js';
import { withinResources } from './fixtures/resources.js';
import { sized } from './size.js';
import { codecs } from './fixtures/fast-ends.js';
import { digest } from './fixtures/target.js';

const CLIENTS = 50;
const READERS = 4;

it('50 clients upload one name without mixing their bytes', async (context) => {
  const rounds = sized(6, 60);
  const numbers = { winners: 0, EEXIST: 0, 'whole versions read': 0 };
  const root = await temporaryDirectory();
  const memory = await withinResources(async () => {
    const server = await new FileServer({ storage: new DirectoryStorage(root) }).listen(0);
    const clients = Array.from(
      { length: CLIENTS + READERS },
      (_, number) => new FileClient({ port: portOf(server), codec: codecs[number % codecs.length] }),
    );
    const writers = clients.slice(READERS);
    const versions = writers.map((_, number) => bytesOf(150_000 + number, number + 1));
    const digests = new Set(versions.map(digest));
    for (let round = 0; round < rounds; round += 1) {
      const overwrite = round % 2 === 1;
      await rm(path.join(root, 'name'), { force: true });
      let writing = true;
      const readers = clients.slice(0, READERS).map(async (reader) => {
        while (writing) numbers['whole versions read'] += await read(reader, digests);
      });
      const outcomes = await Promise.all(
        writers.map((writer, number) =>
          outcomeOf(writer.writeFile('name', versions[number]!, { overwrite })),
        ),
      );
      writing = false;
      await Promise.all(readers);
      if (overwrite) {
        expect(new Set(outcomes)).toEqual(new Set(['done']));
        continue;
      }
      const winners = [...outcomes.keys()].filter((number) => outcomes[number] === 'done');
      expect(winners).toHaveLength(1);
      expect(new Set(outcomes)).toEqual(new Set(['done', 'EEXIST']));
      expect(digest(await writers[0]!.readFile('name'))).toBe(digest(versions[winners[0]!]!));
      numbers.winners += 1;
      numbers.EEXIST += outcomes.length - 1;
    }
    await Promise.all(clients.map((client) => client.close()));
    await server.close();
  });
  reportNumbers(context, { rounds, ...numbers, ...memory });
});

/** Reads the name; 1 if it has a version, 0 if it is missing. Fails unless it is one complete version. */
async function read(reader: FileClient, digests: ReadonlySet<string>): Promise<number> {
  try {
    const bytes = await reader.readFile('name');
    expect(digests).toContain(digest(bytes));
    return 1;
  } catch (error) {
    if (error instanceof TransferError && error.code === 'ENOENT') return 0;
    throw error;
  }
}

async function outcomeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    return error instanceof TransferError ? error.code : String(error);
  }
}
