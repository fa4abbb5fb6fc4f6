/** Checks each claim in a folder of its own, and prints one line of JSON for each. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { claims } from './claims.mjs';

/** Milliseconds for one claim, on a machine with other work. */
const CLAIM_MS = 60_000;

/**
 * The program must end by itself afterwards: `report` neither closes what a claim leaves open nor ends the process.
 *
 * @param {Omit<import('./claims.mjs').Entries, 'folder'>} entries
 */
export async function report(entries) {
  for (const [name, check] of Object.entries(claims)) {
    const folder = await mkdtemp(path.join(tmpdir(), 'socket-ftp-'));
    let error;
    try {
      await within(CLAIM_MS, check({ ...entries, folder }));
    } catch (reason) {
      error = reason instanceof Error ? reason.stack : String(reason);
    }
    console.log(JSON.stringify({ name, error }));
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param {number} ms @param {Promise<void>} work */
async function within(ms, work) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`Not done within ${ms} ms.`)), ms);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
