/** The options of carrying out a plan. */
import { TransferError } from '../../../errors.js';
import { flagOption } from '../../../options/option.js';
import { parseRemotePath, type RemotePath } from '../../../protocol/remote-path.js';
import { callOptionNames, type CallOptions } from '../../request/abort.js';
import { planOptionNames, planSettings, type PlanOptions, type PlanSettings } from '../options.js';
import type { SyncAction } from '../sync-action.js';
import type { SyncProgress } from './sync-progress.js';

/** What has become of an action. */
export interface SyncOutcome {
  /**
   * `done`; `planned` in a dry run; `failed`, with an error; `changed`: the source changed while it was read; `withheld`: a
   * deletion that was not carried out, because something else failed; `problem`: an action of that kind.
   */
  readonly status: 'done' | 'planned' | 'failed' | 'changed' | 'withheld' | 'problem';
  readonly error?: TransferError | undefined;
}

/** The options of {@link FileClient.applyPlan}. */
export interface ApplyOptions extends CallOptions {
  /** Changes nothing: the actions are only counted and told to `onAction`. Default false. */
  dryRun?: boolean | undefined;
  /**
   * A directory of the target, relative to its root and with `/`. A file that is replaced or deleted is kept there under its
   * path. Default: none. A backup of the same path is replaced.
   */
  backupDirectory?: string | undefined;
  /** Whether each file must be on the disk before it counts as stored. Default false. */
  flush?: boolean | undefined;
  /** Called at most about 10 times a second, and once at the end. What it throws ends the call. */
  onProgress?: ((progress: SyncProgress) => void) | undefined;
  /** Called when an action has ended. What it throws ends the call. */
  onAction?: ((action: SyncAction, outcome: SyncOutcome) => void) | undefined;
}

/** The names of {@link ApplyOptions}. */
export const applyOptionNames = [
  'dryRun',
  'backupDirectory',
  'flush',
  'onProgress',
  'onAction',
  ...callOptionNames,
];

/** The options of {@link FileClient.sync}. */
export interface SyncOptions extends PlanOptions, Omit<ApplyOptions, 'backupDirectory' | 'signal'> {}

/** The options of {@link FileClient.uploadDirectory} and {@link FileClient.downloadDirectory}. */
export type DirectoryOptions = Omit<SyncOptions, 'maxDelete'> & {
  /** As for `sync`: `'newer'` keeps files that are newer on the target. Default `'update'`. Neither deletes anything. */
  mode?: 'update' | 'newer' | undefined;
};

/** The names of {@link SyncOptions}. */
export const syncOptionNames = [...new Set([...planOptionNames, ...applyOptionNames])];

/** The names of {@link DirectoryOptions}. */
export const directoryOptionNames = syncOptionNames.filter((name) => name !== 'maxDelete');

export interface ApplySettings {
  readonly dryRun: boolean;
  readonly backupDirectory: RemotePath | undefined;
  readonly flush: boolean;
  readonly onProgress: ((progress: SyncProgress) => void) | undefined;
  readonly onAction: ((action: SyncAction, outcome: SyncOutcome) => void) | undefined;
}

/** Throws a TypeError for a wrong option. */
export function applySettings(options: ApplyOptions): ApplySettings {
  const { dryRun, backupDirectory, flush, onProgress, onAction } = options;
  return {
    dryRun: flagOption('dryRun', dryRun) ?? false,
    backupDirectory: backupPath(backupDirectory),
    flush: flagOption('flush', flush) ?? false,
    onProgress: functionOption('onProgress', onProgress),
    onAction: functionOption('onAction', onAction),
  };
}

/** The settings of a plan that is carried out at once. It tells its progress to the run, not to the caller. */
export function ownPlanSettings(options: SyncOptions): PlanSettings {
  return planSettings({ ...options, onProgress: undefined });
}

function backupPath(given: string | undefined): RemotePath | undefined {
  if (given === undefined) return undefined;
  try {
    return parseRemotePath(given);
  } catch (cause) {
    if (!(cause instanceof TransferError)) throw cause;
    const rule = 'a path below the root of the target, with `/`';
    throw new TypeError(`The option backupDirectory must be ${rule}: ${cause.reason}`, { cause });
  }
}

function functionOption<Listener>(name: string, value: Listener | undefined): Listener | undefined {
  if (value === undefined || typeof value === 'function') return value;
  throw new TypeError(`The option ${name} must be a function, not ${typeof value}.`);
}
