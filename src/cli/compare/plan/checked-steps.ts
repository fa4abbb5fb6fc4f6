/** Checks a plan of a file as a whole, before its first step: it is carried out exactly, or not at all. */
import type { FileClient, SyncAction, SyncPlace } from '../../../index.js';
import type { CommandContext } from '../../runner/command-context.js';
import { ExitError } from '../../runner/exit-error.js';
import { PlanCheck, type Verdict } from './plan-check.js';
import { planSide } from './plan-side.js';
import { planSteps } from './plan-steps.js';

/** Steps that are looked at together: enough to hide the round trips. */
const CONCURRENT_STEPS = 64;

/** Changes that are shown; `--json` tells all. */
const MAX_SHOWN = 20;

interface CheckedPlan {
  readonly file: string;
  readonly client: FileClient;
  readonly places: { readonly from: SyncPlace; readonly to: SyncPlace };
  readonly context: CommandContext;
}

/** The steps that are left to do: those that an earlier run has done are left out. Throws if one has changed. */
export async function checkedSteps(plan: CheckedPlan): Promise<AsyncIterable<SyncAction>> {
  const { file, client, places, context } = plan;
  const { output, signal } = context;
  const check = new PlanCheck(planSide(client, places.from, signal), planSide(client, places.to, signal));
  const done = new Set<number>();
  let changes = 0;
  let index = 0;
  for await (const { step, verdict } of verdicts(file, check, signal)) {
    if (verdict === 'done') done.add(index);
    else if (verdict !== 'todo') {
      const { change } = verdict;
      const { kind, path } = step;
      output.event('action', { kind, path, status: 'changed', bytes: 0, code: 'ESTALE', message: change });
      changes += 1;
      if (changes <= MAX_SHOWN) output.error(`${path}: ${change}`);
    }
    index += 1;
  }
  if (changes === 0) return stepsWithout(file, done);
  const count = changes === 1 ? 'A step' : `${changes} steps`;
  throw new ExitError(
    'refused',
    `${count} of the plan in ${file} cannot be carried out any more, so nothing was done. Write a new plan with --dry-run --json.`,
    { code: 'ESTALE' },
  );
}

async function* verdicts(
  file: string,
  check: PlanCheck,
  signal: AbortSignal,
): AsyncGenerator<{ step: SyncAction; verdict: Verdict }> {
  let group: Promise<{ step: SyncAction; verdict: Verdict }>[] = [];
  for await (const step of planSteps(file)) {
    signal.throwIfAborted();
    const checked = check.verdict(step).then((verdict) => ({ step, verdict }));
    // Nothing waits for it before the group is complete.
    checked.catch(() => undefined);
    group.push(checked);
    if (group.length < CONCURRENT_STEPS) continue;
    yield* await Promise.all(group);
    group = [];
  }
  yield* await Promise.all(group);
}

async function* stepsWithout(file: string, done: ReadonlySet<number>): AsyncGenerator<SyncAction> {
  let index = 0;
  for await (const step of planSteps(file)) {
    if (!done.has(index)) yield step;
    index += 1;
  }
}
