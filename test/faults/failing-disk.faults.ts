/** Each file system call of an upload fails once: the client gets the reason, and nothing remains. */
import { writeFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { FileClient, FileServer, TransferError } from '../../src/index.js';
import { bytesOf } from '../support/bytes.js';
import { temporaryDirectory } from '../support/servers/serve.js';
import { openIn, partsIn } from '../storage/directory/directory-fixture.js';
import { FailingCalls } from '../storage/directory/failing-calls.js';
import { DirectoryStorage } from '../../src/storage/directory/directory-storage.js';
import { reportNumbers } from './numbers.js';
import { portOf } from './network/port.js';
import { withinResources } from './fixtures/resources.js';
import { sized } from './size.js';
import { codecs, fastClient, fastServer } from './fixtures/fast-ends.js';

const CODES = ['EIO', 'ENOSPC', 'EMFILE'];

/** Over an older version or not, resumable or not. */
const kinds = [true, false].flatMap((overwrite) => [[overwrite, true] as const, [overwrite, false] as const]);

const older = Buffer.from('the older version');
const newer = bytesOf(100_000, 7);

it('uploads report a failed call of the file system', async (context) => {
  const sets = sized(1, 20);
  const numbers = { calls: 0, uploads: 0, 'failed with their code': 0, 'stored all the same': 0 };
  const memory = await withinResources(async () => {
    for (const [overwrite, resumable] of kinds) {
      const { made } = await attempt({ nth: 0, code: 'EIO', overwrite, resumable });
      numbers.calls += made;
      for (let set = 0; set < sets; set += 1) {
        for (let nth = 1; nth <= made; nth += 1) {
          for (const code of CODES) {
            const { failed } = await attempt({ nth, code, overwrite, resumable });
            numbers.uploads += 1;
            numbers[failed ? 'failed with their code' : 'stored all the same'] += 1;
          }
        }
      }
    }
  });
  reportNumbers(context, { ...numbers, ...memory });
});

interface Attempt {
  /** Which call fails; 0 for none. */
  readonly nth: number;
  readonly code: string;
  readonly overwrite: boolean;
  /** Whether the client would come back for it after a cut. */
  readonly resumable: boolean;
}

/** Uploads once, over an older version if it may be replaced, and looks at everything afterwards. */
async function attempt({
  nth,
  code,
  overwrite,
  resumable,
}: Attempt): Promise<{ failed: boolean; made: number }> {
  const root = await temporaryDirectory();
  const target = path.join(root, 'name');
  if (overwrite) await writeFile(target, older);
  const failing = new FailingCalls(nth, code);
  const storage = new DirectoryStorage(root, {}, { calls: failing.calls });
  const server = await new FileServer({ storage, ...fastServer }).listen(0);
  const options = fastClient(portOf(server), codecs[nth % codecs.length]);
  const client = new FileClient(resumable ? options : { ...options, reconnect: false });
  const error = await client.writeFile('name', newer, { overwrite }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const made = failing.made.length;
  const about = `${String(failing.failed)}, call ${nth} of ${made}, fails with ${code}`;
  if (error !== undefined) {
    expect(error, about).toBeInstanceOf(TransferError);
    expect(error, about).toMatchObject({ code });
    expect((error as Error).message, about).not.toContain(root);
  }
  const now = await readFile(target).catch(() => undefined);
  if (error === undefined) expect(now?.equals(newer), about).toBe(true);
  // After the rename the file is complete; the failed call only leaves its durability unknown.
  else
    expect(
      [overwrite ? older : undefined, newer].some((bytes) => same(bytes, now)),
      about,
    ).toBe(true);
  expect(await openIn(root), about).toEqual([]);
  const parts = ((await partsIn(root)) ?? []).filter((name) => !name.endsWith('.done'));
  if (failing.failed !== 'unlink') expect(parts, about).toEqual([]);
  // The server serves on.
  await client.writeFile('after', newer);
  expect((await client.readFile('after')).equals(newer), about).toBe(true);
  await client.close();
  await server.close();
  return { failed: error !== undefined, made };
}

function same(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one === undefined || other === undefined ? one === other : one.equals(other);
}
