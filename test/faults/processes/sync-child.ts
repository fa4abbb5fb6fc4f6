/** Synchronisations by processes of their own, which can be killed. */
import { fork } from 'node:child_process';
import path from 'node:path';
import type { FileClientOptions, SyncOptions, SyncPlace } from '../../../src/index.js';
import { repositoryRoot } from '../../support/repository.js';

export interface SyncJob {
  readonly client: Pick<FileClientOptions, 'port' | 'codec' | 'reconnect'>;
  readonly from: SyncPlace;
  readonly to: SyncPlace;
  readonly sync: Pick<SyncOptions, 'mode' | 'encodeNames' | 'maxDelete'>;
  /** Number of files after which the process kills itself. */
  readonly killAfter?: number;
  /** Number of files after which the process tells. */
  readonly tellAfter?: number;
}

/** What a process has done. */
export interface SyncReport {
  /** Files that were sent, copied or renamed. */
  readonly moved: number;
  readonly deleted: number;
  readonly isComplete: boolean;
  readonly problems: number;
  /** The codes of failed actions. */
  readonly failed: string[];
}

/** The report of a process; undefined if it was killed. `onMoment` is called when it tells. */
export function runSync(job: SyncJob, onMoment?: () => void): Promise<SyncReport | undefined> {
  const program = path.join(repositoryRoot, 'temp/faults/sync-process.js');
  const child = fork(program, [JSON.stringify(job)], { execArgv: [] });
  let report: SyncReport | undefined;
  child.on('message', (message) => {
    if (message === 'now') onMoment?.();
    else report = message as SyncReport;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (signal === 'SIGKILL' || code === 0) resolve(report);
      else reject(new Error(`The process has ended with ${code ?? signal}.`));
    });
  });
}
