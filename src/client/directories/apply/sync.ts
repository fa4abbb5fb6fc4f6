/**
 * Makes a target directory equal to a source directory.
 *
 *     planSync -> SyncAction ... -> PlanRun -> SyncResult
 */
import { TransferError, withCallStack } from '../../../errors.js';
import { AbortScope } from '../../request/abort-scope.js';
import type { ClientContext } from '../../request/client-context.js';
import { syncRoots, type SyncPlaces, type SyncRoots } from '../sync-place.js';
import { applySettings, type ApplyOptions, type ApplySettings } from './options.js';
import { PlanRun } from './plan-run.js';
import { singleFileSender } from './small-files/small-file-sender.js';
import { LocalSourceTree } from './source/local-source-tree.js';
import { PlannedDownloads } from './source/planned-downloads.js';
import type { SyncClient, SyncEnd } from './sync-client.js';
import { ProgressMeter } from './sync-progress.js';
import type { SyncPlan } from './sync-plan.js';
import type { SyncResult } from './sync-result.js';
import { sameNames } from './target/local-names.js';
import { LocalTargetTree } from './target/local-target.js';
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
  readonly plan: (signal: AbortSignal, meter: ProgressMeter) => SyncPlan;
}

/** Carries out a plan that was made before. */
export async function applyPlan(
  caller: SyncCaller,
  { plan, ...places }: SyncPlaces & { plan: SyncPlan },
  options: ApplyOptions,
): Promise<SyncResult> {
  const roots = syncRoots(places);
  const settings = applySettings('applyPlan', options);
  return carryOut(caller, { roots, settings, options, isStrict: true, plan: () => plan });
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
  const sender = singleFileSender(end);
  const { flush, backupDirectory } = settings;
  const { local, remote: root } = roots;
  if (roots.direction === 'upload') {
    const source = new LocalSourceTree(local, sameNames);
    return new RemoteTarget(end, { root, source, backupDirectory, flush, isStrict }, sender);
  }
  const downloads = new PlannedDownloads(end, { root, flush, isStrict }, sender);
  return new LocalTargetTree({ root: local, names: sameNames, flush, backupDirectory }, downloads);
}
