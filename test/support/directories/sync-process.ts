/** Synchronisations by processes of their own. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import type { SyncPlace } from '../../../src/index.js';
import { repositoryRoot } from '../repository.js';

export interface SyncJob {
  readonly port: number;
  readonly from: SyncPlace;
  readonly to: SyncPlace;
  /** Number of files after which the process kills itself. */
  readonly killAfter?: number | undefined;
}

/** What a process has done; undefined if it was killed. */
export function runSync(
  job: SyncJob,
): Promise<{ files: number; bytes: number; isComplete: boolean } | undefined> {
  const program = path.join(repositoryRoot, 'test/support/directories/sync-process.mjs');
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [program, JSON.stringify(job)], (error, stdout) => {
      if (error?.signal === 'SIGKILL') return resolve(undefined);
      if (error) return reject(new Error('The process has failed.', { cause: error }));
      resolve(JSON.parse(stdout) as { files: number; bytes: number; isComplete: boolean });
    });
  });
}
