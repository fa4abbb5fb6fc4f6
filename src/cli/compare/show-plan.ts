/** The dry run of `sync`: writes a plan, as lines or as data that `--plan` takes. */
import type { FileClient, PlanOptions } from '../../index.js';
import type { CommandContext } from '../runner/command-context.js';
import type { ExitName } from '../runner/exit-codes.js';
import type { ComparedPlaces } from './compared-places.js';
import { actionLine } from './plan/action-line.js';
import { PlanTally } from './plan/plan-tally.js';

interface Showing {
  readonly client: FileClient;
  readonly places: ComparedPlaces;
  readonly options: { readonly exitDiff: boolean | undefined; readonly exitNothing: boolean | undefined };
  readonly context: CommandContext;
}

/** Writes the plan and its summary, and returns the exit code. */
export async function showPlan(
  { client, places, options, context: { output } }: Showing,
  settings: PlanOptions,
): Promise<ExitName> {
  const { from, to, names } = places;
  const tally = new PlanTally();
  output.event('plan', { ...names, backup: settings.backupDirectory });
  let lines = 0;
  for await (const action of client.planSync(from, to, settings)) {
    tally.add(action);
    lines += 1;
    output.event('step', { action });
    output.print(...actionLine(action));
  }
  // The last line: a plan without it was cut.
  output.event('planEnd', { steps: lines, bytes: tally.bytes });
  output.note(`Dry run: ${tally.summary()}`);
  if (options.exitDiff && tally.steps > 0) return 'differences';
  if (tally.failing > 0) return 'partial';
  return options.exitNothing && tally.steps === 0 ? 'nothing' : 'ok';
}
