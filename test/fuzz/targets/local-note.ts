/** The metadata of partial downloads, which a crash may have cut and other programs may have changed. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  readPartMetadata,
  removePartMetadata,
  writePartMetadata,
  type PartMetadata,
} from '../../../src/client/local/partial-download/part-metadata.js';
import { jsonFile } from '../inputs/json-files.js';
import type { Outcome, Target } from '../target.js';

const NOTE = { version: 1, path: 'a.txt', etag: '"1"', size: 5, mtime: 1_600_000_000_000, checksum: 'crc32' };

export const localNoteTarget: Target = {
  name: 'local-note',
  inputs: 50_000,
  make: (random) => jsonFile(NOTE, random),
  run,
};

async function run(input: Buffer): Promise<Outcome> {
  const notePath = path.join(folder(), 'note');
  writeFileSync(notePath, input);
  const began = performance.now();
  const note = await readPartMetadata(notePath);
  const ms = performance.now() - began;
  if (!note) return { verdict: 'none', ms };
  assertNote(note);
  await removePartMetadata(notePath);
  await writePartMetadata(notePath, note, statSync(import.meta.filename, { bigint: true }));
  // As texts, in which -0 is 0.
  assert.equal(JSON.stringify(await readPartMetadata(notePath)), JSON.stringify(note));
  return { verdict: 'accepted', ms };
}

function assertNote({ path: remote, version, checksum }: PartMetadata): void {
  const { etag, size, mtime } = version;
  assert.equal(typeof remote, 'string');
  assert.equal(typeof etag, 'string');
  assert.ok(Number.isSafeInteger(size) && size >= 0, `a note of ${size} bytes is taken`);
  assert.ok(!Number.isNaN(mtime.getTime()), 'a note without a valid time is taken');
  assert.ok(checksum === 'crc32' || checksum === 'sha256');
}

let made: string | undefined;

/** A folder of this process, which is removed with it. */
function folder(): string {
  if (made !== undefined) return made;
  const created = mkdtempSync(path.join(tmpdir(), 'socket-ftp-fuzz-'));
  process.once('exit', () => rmSync(created, { recursive: true, force: true }));
  made = created;
  return created;
}
