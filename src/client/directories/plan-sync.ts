/**
 * Plans what makes a target directory equal to a source directory, and changes nothing.
 *
 *     LocalTree, RemoteTree -> PairWalk: both together -> PlanSteps -> SyncAction ...
 */
import { lazyModule } from '../../lazy-module.js';
import {
  comparisonOptionNames,
  planOptionNames,
  planSettings,
  rejectUnknownPlanOptions,
  type ComparisonOptions,
  type PlanOptions,
  type PlanProgressOptions,
} from './options.js';
import type { PlanRequest, PlanRun } from './plan-trees.js';
import { SyncPlan, type PlannedBatches } from './plan/sync-plan.js';
import type { RemoteReader } from './scan/remote-tree.js';
import { syncRoots, type SyncPlaces } from './sync-place.js';

const planTrees = lazyModule(() => import('./plan-trees.js'));

/** Plans a synchronisation. Throws a TypeError for a wrong option or place. */
export function planSync(
  client: RemoteReader,
  places: SyncPlaces,
  options: PlanOptions & PlanProgressOptions,
): SyncPlan {
  rejectUnknownPlanOptions('planSync', options, planOptionNames);
  return planOf(client, { roots: syncRoots(places), settings: planSettings(options), isCheck: false });
}

/** Compares two directories. Throws a TypeError for a wrong option or place. */
export function checkDirectories(
  client: RemoteReader,
  places: SyncPlaces,
  options: ComparisonOptions & PlanProgressOptions,
): SyncPlan {
  rejectUnknownPlanOptions('check', options, comparisonOptionNames);
  const settings = planSettings(options, 'mirror');
  return planOf(client, { roots: syncRoots(places), settings, isCheck: true });
}

/** The plan of checked options. */
export function planOf(client: RemoteReader, request: PlanRequest): SyncPlan {
  return new SyncPlan(request.settings, (signal, counts) => actionsOf(client, request, { signal, counts }));
}

async function* actionsOf(client: RemoteReader, request: PlanRequest, run: PlanRun): PlannedBatches {
  const { plannedActions } = await planTrees();
  return yield* plannedActions(client, request, run);
}
