/**
 * Makes a target directory equal to a source directory.
 *
 *     planSync -> SyncAction ... -> PlanRun -> SyncResult
 */
import { setMaxListeners } from 'node:events';
import { TransferError, withCallStack } from '../../../errors.js';
import { choiceOption, rejectUnknownOptions } from '../../../options/option.js';
import { AbortScope } from '../../request/abort-scope.js';
import type { ClientContext } from '../../request/client-context.js';
import type { PlanProgress } from '../options.js';
import { planOf } from '../plan-sync.js';
import { syncRoots, type SyncPlaces, type SyncRoots } from '../sync-place.js';
import {
  applyOptionNames,
  applySettings,
  directoryOptionNames,
  ownPlanSettings,
  syncOptionNames,
  type ApplyOptions,
  type ApplySettings,
  type DirectoryOptions,
  type SyncOptions,
} from './options.js';
import { PlanRun } from './plan-run.js';
import { smallFileSender } from './small-files/small-file-sender.js';
import { LocalSourceTree } from './source/local-source-tree.js';
import { PlannedDownloads } from './source/planned-downloads.js';
import type { SyncClient, SyncEnd } from './sync-client.js';
import { ProgressMeter } from './sync-progress.js';
import type { SyncActions } from './sync-actions.js';
import type { SyncResult } from './result-counter.js';
import { LocalTargetTree } from './target/local-target-tree.js';
import { RemoteTarget } from './target/remote-target.js';
import type { SyncTarget } from './target/sync-target.js';

/** The client of a call: its public methods, and what its requests share. */
export interface SyncCaller {
  readonly client: SyncClient;
  readonly context: ClientContext;
}

/** How a plan is carried out. */
interface Job {
  readonly roots: SyncRoots;
  readonly settings: ApplySettings;
  readonly options: ApplyOptions;
  /** Whether the plan was made before: then what differs from it is not sent. */
  readonly isStrict: boolean;
  readonly plan: (signal: AbortSignal, meter: ProgressMeter) => SyncActions;
}

/** Plans, and carries the plan out. */
export async function sync(
  caller: SyncCaller,
  places: SyncPlaces,
  options: SyncOptions,
): Promise<SyncResult> {
  rejectUnknownOptions('sync', options, syncOptionNames);
  return planAndCarryOut(caller, syncRoots(places), options);
}

/** Uploads or downloads a directory, and deletes nothing. */
export async function copyDirectory(
  caller: SyncCaller,
  { what, ...places }: SyncPlaces & { what: string },
  options: DirectoryOptions,
): Promise<SyncResult> {
  rejectUnknownOptions(what, options, directoryOptionNames);
  const mode = choiceOption('mode', options.mode, {
    choices: ['update', 'newer'] as const,
    default: 'update',
  });
  return planAndCarryOut(caller, syncRoots(places), { ...options, mode });
}

/** Carries out a plan that was made before. */
export async function applyPlan(
  caller: SyncCaller,
  { plan, ...places }: SyncPlaces & { plan: SyncActions },
  options: ApplyOptions,
): Promise<SyncResult> {
  rejectUnknownOptions('applyPlan', options, applyOptionNames);
  const roots = syncRoots(places);
  return carryOut(caller, {
    roots,
    settings: applySettings(options),
    options,
    isStrict: true,
    plan: () => plan,
  });
}

function planAndCarryOut(caller: SyncCaller, roots: SyncRoots, options: SyncOptions): Promise<SyncResult> {
  const planned = ownPlanSettings(options);
  const plan: Job['plan'] = (signal, meter) => {
    const onProgress = ({ scanned }: PlanProgress): void => meter.scanned(scanned);
    return planOf(caller.client, { roots, settings: { ...planned, signal, onProgress }, isCheck: false });
  };
  return carryOut(caller, { roots, settings: applySettings(options), options, isStrict: false, plan });
}

async function carryOut(caller: SyncCaller, job: Job): Promise<SyncResult> {
  try {
    return await AbortScope.run(job.options, caller.context.dispatcher.timers, (scope) =>
      run(caller, job, scope),
    );
  } catch (error) {
    throw error instanceof TransferError
      ? withCallStack(TransferError.from(error, { operation: 'sync' }))
      : error;
  }
}

async function run({ client, context }: SyncCaller, job: Job, scope: AbortScope): Promise<SyncResult> {
  const stop = new AbortController();
  const { signal } = stop;
  // Each request that waits for a local file listens.
  setMaxListeners(0, signal);
  const abort = (): void => stop.abort(scope.signal?.reason);
  scope.signal?.addEventListener('abort', abort);
  const throwIfAborted = (): void => {
    scope.throwIfAborted();
    if (signal.aborted) throw new TransferError('ECANCELED');
  };
  const target = targetOf({ client, context, scope: { signal, throwIfAborted } }, job);
  const meter = new ProgressMeter(job.settings.onProgress);
  try {
    return await new PlanRun({ target, settings: job.settings, meter, stop }).run(job.plan(signal, meter));
  } finally {
    scope.signal?.removeEventListener('abort', abort);
    await target.close();
  }
}

function targetOf(end: SyncEnd, { roots, settings, isStrict }: Job): SyncTarget {
  const sender = smallFileSender(end);
  const { flush, backupDirectory } = settings;
  const { local, remote: root } = roots;
  if (roots.direction === 'upload') {
    const source = new LocalSourceTree(local);
    return new RemoteTarget(end, { root, source, backupDirectory, flush, isStrict }, sender);
  }
  const downloads = new PlannedDownloads(end, { root, flush, isStrict }, sender);
  return new LocalTargetTree(
    { root: local, flush, backupDirectory, fileCalls: end.context.fileCalls },
    downloads,
  );
}
