/** Counts what `get` and `put` do, and tells it: lines, events, progress and the summary. */
import type { SyncAction, SyncOutcome, SyncProgress } from '../../../index.js';
import type { Output } from '../../output/output.js';
import type { TransferState } from '../../progress/progress-meter.js';
import type { ProgressDisplay } from '../../progress/start-progress.js';
import type { Scheduler } from '../../progress/scheduler.js';
import { errorCode, exitOf } from '../../runner/exit-of.js';
import type { ExitName } from '../../runner/exit-codes.js';
import { formatDuration } from '../../values/duration.js';
import { formatSize } from '../../values/size.js';
import { OtherActions } from './other-actions.js';
import { UnheldNames } from './unheld-names.js';

/** One file that is transferred by itself. */
export interface TallyFile {
  progress(bytes: number, total: number | undefined): void;
  done(target: string, bytes: number): void;
  skipped(reason: string): void;
  failed(error: unknown): void;
}

interface Current {
  readonly name: string;
  bytes: number;
  total: number | undefined;
}

type DirectoryProgress = Pick<
  SyncProgress,
  'bytes' | 'bytesTotal' | 'files' | 'filesTotal' | 'scanned' | 'isPlanned' | 'current'
>;

export class TransferTally {
  readonly #output: Output;
  readonly #display: ProgressDisplay;
  readonly #scheduler: Scheduler;
  readonly #startedAt: number;
  readonly #current = new Set<Current>();
  readonly #directories = new Map<string, DirectoryProgress>();
  #files = 0;
  #bytes = 0;
  /** The same without those of directories, which tell their own progress. */
  #singleFiles = 0;
  #singleBytes = 0;
  #skipped = 0;
  readonly #other = new OtherActions();
  readonly #unheld = new UnheldNames();
  #announced = 0;
  #announcedBytes = 0;
  readonly #failures: ExitName[] = [];
  #isPlanned = false;

  constructor(output: Output, display: ProgressDisplay, scheduler: Scheduler) {
    this.#output = output;
    this.#display = display;
    this.#scheduler = scheduler;
    this.#startedAt = scheduler.now();
  }

  /** Bytes that have been transferred, in files that are complete. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Files that will follow, and their bytes. */
  announce(files: number, bytes: number): void {
    this.#announced += files;
    this.#announcedBytes += bytes;
    this.#show();
  }

  /** Says that nothing more will be announced. */
  planned(): void {
    this.#isPlanned = true;
    this.#show();
  }

  /** Begins a file of `announce`. */
  file(name: string, total: number | undefined): TallyFile {
    const current: Current = { name, bytes: 0, total };
    this.#current.add(current);
    const end = (): void => {
      this.#current.delete(current);
      this.#show();
    };
    return {
      progress: (bytes, known) => {
        current.bytes = bytes;
        current.total = known ?? current.total;
        this.#show();
      },
      done: (target, bytes) => {
        this.#files += 1;
        this.#bytes += bytes;
        this.#singleFiles += 1;
        this.#singleBytes += bytes;
        end();
        this.#tell({ kind: 'transfer', path: name, target, status: 'done', bytes });
      },
      skipped: (reason) => {
        this.#skipped += 1;
        this.#announcedBytes -= total ?? 0;
        this.#announced -= 1;
        end();
        this.#tell({ kind: 'transfer', path: name, reason, status: 'skipped', bytes: 0 });
      },
      failed: (error) => {
        end();
        this.#fail({ kind: 'transfer', path: name, bytes: 0 }, error);
      },
    };
  }

  /** A directory that will follow: the totals are not final until it has been planned. */
  expectDirectory(name: string): void {
    this.#directories.set(name, {
      bytes: 0,
      bytesTotal: 0,
      files: 0,
      filesTotal: 0,
      scanned: 0,
      isPlanned: false,
      current: [],
    });
  }

  /** The progress of a directory. */
  directory(name: string, progress: SyncProgress): void {
    this.#directories.set(name, progress);
    this.#show();
  }

  /** An action in a directory that has ended. */
  action(directory: string, action: SyncAction, { status, error }: SyncOutcome): void {
    const { kind, reason, bytes } = action;
    const path = pathIn(directory, action.path);
    if (status === 'failed' || status === 'changed') {
      const changed = Object.assign(new Error('The file changed while it was read.'), { code: 'ESTALE' });
      return this.#fail({ kind, path, reason, bytes: 0 }, error ?? changed);
    }
    if (action.kind === 'problem') return this.#problem(path, action);
    if (kind === 'transfer' || kind === 'append' || kind === 'copy') this.#files += 1;
    else this.#other.add(kind, status);
    this.#bytes += bytes;
    this.#tell({ kind, path, reason, status, bytes });
  }

  /** A file in a directory that stays as it is, because of a decision. */
  leftOut(directory: string, action: SyncAction): void {
    this.#skipped += 1;
    this.#tell({
      kind: action.kind,
      path: pathIn(directory, action.path),
      reason: 'exists',
      status: 'skipped',
      bytes: 0,
    });
  }

  /** A file in a directory that cannot be transferred, because of a decision. */
  refused(directory: string, action: SyncAction, error: unknown): void {
    this.#fail({ kind: action.kind, path: pathIn(directory, action.path), bytes: 0 }, error);
  }

  /** Ends the progress, writes the summary, and returns the exit code. */
  end({ exitNothing }: { exitNothing: boolean }): ExitName {
    this.#display.end();
    const durationMs = Math.round(this.#scheduler.now() - this.#startedAt);
    const counts = {
      files: this.#files,
      bytes: this.#bytes,
      skipped: this.#skipped,
      failed: this.#failures.length,
    };
    this.#unheld.write(this.#output);
    this.#output.event('result', { ...counts, durationMs });
    this.#output.note(summary({ ...counts, others: this.#other.words() }, durationMs));
    const [first, ...others] = this.#failures;
    const isAll = counts.files + counts.skipped + this.#other.total === 0;
    if (first !== undefined) return isAll && others.every((exit) => exit === first) ? first : 'partial';
    return exitNothing && counts.files + this.#other.total === 0 ? 'nothing' : 'ok';
  }

  #problem(path: string, { reason, message, isSkipped }: Extract<SyncAction, { kind: 'problem' }>): void {
    this.#output.event('action', { kind: 'problem', path, reason, status: 'problem', bytes: 0, message });
    if (isSkipped) return this.#output.detail(`left out: ${path}: ${message}`);
    this.#failures.push('partial');
    if (UnheldNames.has({ reason })) this.#unheld.add(path, message);
    else this.#output.error(`${path}: ${message}`);
  }

  #fail(action: { kind: string; path: string; reason?: string; bytes: number }, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const code = errorCode(error);
    const isName = UnheldNames.has({ code });
    this.#failures.push(isName ? 'partial' : exitOf(error));
    this.#output.event('action', { ...action, status: 'failed', code, message });
    if (isName) this.#unheld.add(action.path, message);
    else this.#output.error(`${action.path}: ${message}`);
  }

  #tell(action: {
    kind: string;
    path: string;
    target?: string;
    reason?: string;
    status: string;
    bytes: number;
  }): void {
    this.#output.event('action', action);
    const target = action.target === undefined ? '' : ` -> ${action.target}`;
    const why = action.reason === undefined ? '' : ` (${action.reason})`;
    this.#output.detail(
      `${action.status}: ${action.kind} ${action.path}${target}${why}, ${formatSize(action.bytes)}`,
    );
  }

  #show(): void {
    this.#display.update(this.#state());
  }

  #state(): TransferState {
    const directories = [...this.#directories.values()];
    const sum = (name: 'bytes' | 'bytesTotal' | 'files' | 'filesTotal' | 'scanned'): number =>
      directories.reduce((total, directory) => total + directory[name], 0);
    const singles = [...this.#current];
    const own = this.#singleBytes + singles.reduce((total, { bytes }) => total + bytes, 0);
    return {
      bytes: own + sum('bytes'),
      bytesTotal: this.#announcedBytes + sum('bytesTotal'),
      files: this.#singleFiles + sum('files'),
      filesTotal: this.#announced + sum('filesTotal'),
      scanned: this.#announced + sum('scanned'),
      isPlanned: this.#isPlanned && directories.every(({ isPlanned }) => isPlanned),
      current: [...singles, ...[...this.#directories].flatMap(([name, one]) => filesOf(name, one))],
    };
  }
}

function filesOf(directory: string, { current }: DirectoryProgress): Current[] {
  return current.map(({ path, bytes, bytesTotal }) => {
    return { name: pathIn(directory, path), bytes, total: bytesTotal };
  });
}

function pathIn(directory: string, path: string): string {
  return [directory, path].filter((part) => part !== '').join('/');
}

function summary(
  {
    files,
    bytes,
    skipped,
    failed,
    others,
  }: { files: number; bytes: number; skipped: number; failed: number; others: readonly string[] },
  durationMs: number,
): string {
  const rate = durationMs > 0 && bytes > 0 ? ` (${formatSize((bytes * 1_000) / durationMs)}/s)` : '';
  const rest = [
    ...others,
    skipped > 0 ? `${skipped} skipped` : '',
    failed > 0 ? `${failed} failed` : '',
  ].filter(Boolean);
  return [
    `${files} ${files === 1 ? 'file' : 'files'}, ${formatSize(bytes)} in ${formatDuration(durationMs)}${rate}`,
    ...rest,
  ].join(', ');
}
