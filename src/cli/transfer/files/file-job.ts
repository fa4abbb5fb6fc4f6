/** Files that are transferred by themselves, a few at a time. */
import { errorCode, exitOf } from '../../runner/exit-of.js';
import type { TallyFile, TransferTally } from '../report/transfer-tally.js';
import type { DecideExisting } from './existing-rule.js';

/** A file of the server and a file of this machine, one the source, the other the target. */
export interface FileJob {
  /** Path of the file on the server. */
  readonly remote: string;
  /** Path of the file here. */
  readonly local: string;
  /** How the file is called in messages. */
  readonly name: string;
  /** Bytes, if they are known. */
  readonly size: number | undefined;
  readonly mtimeMs: number | undefined;
}

/** What all jobs of a command share. */
export interface JobSettings {
  readonly tally: TransferTally;
  readonly decide: DecideExisting;
  readonly isFresh: boolean;
  readonly makesParents: boolean;
  readonly signal: AbortSignal;
}

/** Files at once: enough to hide the round trips of small files, few enough to show. */
const CONCURRENT_FILES = 4;

/** Errors after which no other file could succeed. */
const FATAL = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EAUTH']);

/** Runs each job once. One that fails is counted and does not stop the others, unless none could succeed. */
export async function runFileJobs(
  jobs: readonly FileJob[],
  { tally, signal }: JobSettings,
  run: (job: FileJob, file: TallyFile) => Promise<void>,
): Promise<void> {
  tally.announce(
    jobs.length,
    jobs.reduce((sum, { size }) => sum + (size ?? 0), 0),
  );
  const queue = jobs.values();
  let fatal: { error: unknown } | undefined;
  const worker = async (): Promise<void> => {
    for (const job of queue) {
      if (fatal || signal.aborted) return;
      const file = tally.file(job.name, job.size);
      try {
        await run(job, file);
      } catch (error) {
        if (signal.aborted || isFatal(error)) fatal ??= { error };
        else file.failed(error);
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_FILES }, worker));
  if (fatal) throw fatal.error;
  signal.throwIfAborted();
}

function isFatal(error: unknown): boolean {
  return exitOf(error) === 'connection' || FATAL.has(errorCode(error) ?? '');
}
