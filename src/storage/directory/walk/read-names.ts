/** The names in a directory, read a few hundred at a time, however many there are. */
import type { Dirent } from 'node:fs';
import type { FileCalls } from '../calls/file-calls.js';

const NAMES_AT_ONCE = 256;

/** What is in a directory, without `.` and `..`. The directory is open until the iteration ends. */
export async function* readNames(calls: FileCalls, path: string): AsyncGenerator<Dirent> {
  const directory = await calls.opendir(path, NAMES_AT_ONCE);
  try {
    for (;;) {
      const next = await directory.read();
      if (!next) return;
      yield next;
    }
  } finally {
    await directory.close();
  }
}
