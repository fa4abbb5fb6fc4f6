/** The options of comparing two directories and of planning. */
import { choiceOption, flagOption, integerOption, rejectUnknownOptions } from '../../options/option.js';
import { parseDirectoryPath, REMOTE_ROOT, type RemotePath } from '../../protocol/remote-path.js';

/** What a plan does with files that both sides have, and with those that only the target has. */
export type SyncMode = 'update' | 'newer' | 'mirror';

/** An entry that the option `filter` decides on. */
export interface SyncEntry {
  /** The path below the root of both trees, with `/`, as the server names it. */
  readonly path: string;
  readonly kind: 'file' | 'directory';
  /** Size in bytes; 0 for a directory. */
  readonly size: number;
  /** Modification time in ms since 1970; undefined if the side has none. */
  readonly mtimeMs: number | undefined;
  readonly side: 'source' | 'target';
}

/** How far the comparison has come. */
export interface PlanProgress {
  /** Files and directories that were listed. One that both sides have counts once. */
  readonly scanned: number;
  /** Actions so far, without problems. */
  readonly planned: number;
}

/** Options that decide which entries are compared, and how. */
export interface ComparisonOptions {
  /**
   * `'update'` sends files that are new or differ and keeps what only the target has; `'newer'` does not replace a file
   * that is newer on the target; `'mirror'` also deletes what only the target has. Default `'update'`; `'mirror'` for `check`.
   */
  mode?: SyncMode | undefined;
  /**
   * Compares files of equal size by SHA-256, not by modification time. A file that differs in its time only gets the
   * time, and is not sent. Default false.
   */
  checksum?: boolean | undefined;
  /**
   * Lines as in `.gitignore`, in one order, of which the last match decides. What is ignored on either side is neither
   * sent, nor created, nor deleted. Default: none.
   */
  ignore?: string | readonly string[] | undefined;
  /** Returns false for an entry that is to be ignored. Called for the entries of both sides that `ignore` leaves. */
  filter?: ((entry: SyncEntry) => boolean) | undefined;
  /**
   * Symbolic links of a local source: `'skip'` reports them, `'follow'` treats them as what they point to. Links of a
   * target are never followed. Default `'skip'`.
   */
  links?: 'skip' | 'follow' | undefined;
  /**
   * Encodes names that the other side refuses, as `%` and two hexadecimal digits for each byte, and decodes them on the
   * way back. Default false: such names are reported.
   */
  encodeNames?: boolean | undefined;
  /**
   * Difference in ms up to which two modification times are equal; at least 1. `null` for a side that keeps no times: files
   * of equal size are then compared by SHA-256, and no times are set. Default 1, or the step of a local FAT file system.
   */
  modifyWindowMs?: number | null | undefined;
  /**
   * A directory below the root of the target, into which replaced and deleted files are moved. The plan leaves it out on
   * both sides, and with `.backup/monday` what only the target has in `.backup`. Default: none.
   */
  backupDirectory?: string | undefined;
  /** Cancels the comparison, which fails with ECANCELED. */
  signal?: AbortSignal | undefined;
}

/** Options of a plan. */
export interface PlanOptions extends ComparisonOptions {
  /**
   * Number of files and directories that the mode `'mirror'` may delete. Default: more than 10 files that are more than
   * half of those of the target are refused with ESAFETY, and all if the source is missing or empty.
   */
  maxDelete?: number | undefined;
}

/** An option of the calls that only compare. */
export interface PlanProgressOptions {
  /** Called when more entries were listed, and at the end. What it throws fails the plan. */
  onProgress?: ((progress: PlanProgress) => void) | undefined;
}

/** The names of {@link ComparisonOptions}. */
export const comparisonOptionNames = [
  'mode',
  'checksum',
  'ignore',
  'filter',
  'links',
  'encodeNames',
  'modifyWindowMs',
  'backupDirectory',
  'signal',
];

/** The names of {@link PlanOptions}. */
export const planOptionNames = [...comparisonOptionNames, 'maxDelete'];

/** The options, checked and with defaults. */
export interface PlanSettings {
  readonly mode: SyncMode;
  readonly checksum: boolean;
  /** Lines as in `.gitignore`. */
  readonly ignore: readonly string[];
  readonly filter: ((entry: SyncEntry) => boolean) | undefined;
  readonly links: 'skip' | 'follow';
  readonly encodeNames: boolean;
  readonly modifyWindowMs: number | null;
  readonly maxDelete: number | undefined;
  readonly backupDirectory: RemotePath | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: PlanProgress) => void) | undefined;
}

const modes: readonly SyncMode[] = ['update', 'newer', 'mirror'];

/** Checks the options that {@link planOptionNames} name, and adds the defaults. Throws a TypeError for a wrong one. */
export function planSettings(
  options: PlanOptions & PlanProgressOptions,
  defaultMode: SyncMode = 'update',
): PlanSettings {
  checkSignal(options.signal);
  checkFunction('filter', options.filter);
  checkFunction('onProgress', options.onProgress);
  const { modifyWindowMs, maxDelete } = options;
  return {
    mode: choiceOption('mode', options.mode, { choices: modes, default: defaultMode }),
    checksum: flagOption('checksum', options.checksum) ?? false,
    ignore: ignoreLines(options.ignore),
    filter: options.filter,
    links: choiceOption('links', options.links, { choices: ['skip', 'follow'] as const, default: 'skip' }),
    encodeNames: flagOption('encodeNames', options.encodeNames) ?? false,
    modifyWindowMs:
      modifyWindowMs === null
        ? null
        : integerOption('modifyWindowMs', modifyWindowMs, { min: 1, default: 1 }),
    maxDelete:
      maxDelete === undefined ? undefined : integerOption('maxDelete', maxDelete, { min: 0, default: 0 }),
    backupDirectory: backupPath(options.backupDirectory),
    signal: options.signal,
    onProgress: options.onProgress,
  };
}

/** Throws a TypeError for an option that a call does not have. */
export function rejectUnknownPlanOptions(what: string, options: object, names: readonly string[]): void {
  rejectUnknownOptions(what, options, [...names, 'onProgress']);
}

function ignoreLines(ignore: string | readonly string[] | undefined): readonly string[] {
  const lines: readonly unknown[] = typeof ignore === 'string' ? [ignore] : (ignore ?? []);
  if (!Array.isArray(lines))
    throw new TypeError('The option ignore must be a string or an array of strings.');
  return lines.flatMap((line: unknown) => {
    if (typeof line === 'string') return line.split(/\r?\n/);
    throw new TypeError(`The option ignore may contain strings, not ${typeof line}.`);
  });
}

function backupPath(given: string | undefined): RemotePath | undefined {
  if (given === undefined) return undefined;
  const path = parseDirectoryPath(given);
  if (path === REMOTE_ROOT || given.startsWith('/'))
    throw new TypeError(
      `The option backupDirectory must be a path below the root of the target, not '${given}'.`,
    );
  return path;
}

function checkFunction(name: string, value: unknown): void {
  if (value === undefined || typeof value === 'function') return;
  throw new TypeError(`The option ${name} must be a function, not ${typeof value}.`);
}

function checkSignal(signal: unknown): void {
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw new TypeError('The option signal must be an AbortSignal.');
}
