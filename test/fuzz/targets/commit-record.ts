/** The records of commits in a directory, which a crash may have cut and anybody with access may have changed. */
import assert from 'node:assert/strict';
import { entryFields } from '../../../src/protocol/entry.js';
import { parseRemotePath } from '../../../src/protocol/remote-path.js';
import {
  committedEntry,
  readRecord,
  writeRecord,
} from '../../../src/storage/directory/parts/commit-record.js';
import { fileCalls, type FileCalls, type Stats } from '../../../src/storage/directory/calls/file-calls.js';
import { jsonFile } from '../json-files.js';
import type { Outcome, Target } from '../target.js';

const RECORD = { commitToken: 'crc32:3610a686', file: '1-2-3-4', size: 5, mtimeMs: 1_700_000_000_000 };

export const commitRecordTarget: Target = {
  name: 'commit-record',
  inputs: 200_000,
  make: (random) => jsonFile(RECORD, random),
  run,
};

async function run(input: Buffer): Promise<Outcome> {
  const began = performance.now();
  const found = await readRecord(callsOver({ bytes: input }), 'record');
  const ms = performance.now() - began;
  if (!found) return { verdict: 'none', ms };
  // An entry that no frame can say would be a failure of the upload whose record it is.
  entryFields(committedEntry(found.record, parseRemotePath('a'), undefined));
  const copy = { bytes: Buffer.alloc(0) };
  await writeRecord(callsOver(copy), { path: 'record', durable: false }, found.record);
  const again = await readRecord(callsOver(copy), 'record');
  // As texts, in which -0 is 0.
  assert.equal(JSON.stringify(again?.record), JSON.stringify(found.record));
  return { verdict: 'accepted', ms };
}

/** The calls of a file system that has one file, in memory. */
function callsOver(file: { bytes: Buffer }): FileCalls {
  return {
    ...fileCalls,
    open: async () => 3,
    close: async () => undefined,
    fstat: async () => ({ ctimeMs: 0n }) as Stats,
    read: async (_fd, target) => file.bytes.copy(target),
    writev: async (_fd, pieces) => {
      file.bytes = Buffer.concat(pieces);
      return file.bytes.length;
    },
  };
}
