/** Calls of a file system whose clock makes one step in eleven days: every change has the same time. */
import { fileCalls, type FileCalls, type Stats } from '../../../src/storage/directory/calls/file-calls.js';

const STEP_MS = 1_000_000_000n;

/** The time of every change. */
export const STAMP_MS = Number(coarse(BigInt(Date.now())));

function coarse(ms: bigint): bigint {
  return ms - (ms % STEP_MS);
}

function withCoarseTimes(stats: Stats): Stats {
  const [ctimeMs, mtimeMs] = [coarse(stats.ctimeMs), coarse(stats.mtimeMs)];
  const times = { ctimeMs, mtimeMs, ctimeNs: ctimeMs * 1_000_000n, mtimeNs: mtimeMs * 1_000_000n };
  return Object.assign(Object.create(stats) as Stats, times);
}

export const coarseCalls: FileCalls = {
  ...fileCalls,
  fstat: async (fd) => withCoarseTimes(await fileCalls.fstat(fd)),
  lstat: async (path) => withCoarseTimes(await fileCalls.lstat(path)),
  stat: async (path) => withCoarseTimes(await fileCalls.stat(path)),
  lstatIfAny: async (path) => {
    const stats = await fileCalls.lstatIfAny(path);
    return stats && withCoarseTimes(stats);
  },
};
