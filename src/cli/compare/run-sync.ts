/** Makes a directory equal to another one: plans, carries out, or both. */
import type { FileClient, PlanOptions, SyncAction } from '../../index.js';
import { withClient } from '../connection/with-client.js';
import { ByteBudget } from '../limits/byte-budget.js';
import { withinBytes } from '../limits/within-bytes.js';
import { withinTime } from '../limits/within-time.js';
import { startProgress } from '../progress/start-progress.js';
import type { CommandContext, RunCommand } from '../runner/command-context.js';
import type { InputOfCommand } from '../runner/command.js';
import { ExitError } from '../runner/exit-error.js';
import type { ExitName } from '../runner/exit-codes.js';
import { errorCode } from '../runner/exit-of.js';
import { flagOf } from '../runner/option-spec.js';
import { usageError } from '../runner/usage-error.js';
import { TransferTally } from '../transfer/report/transfer-tally.js';
import { comparisonOptions } from './comparison-options.js';
import { comparedPlaces, type ComparedPlaces } from './compared-places.js';
import { comparisonSettings } from './comparison-settings.js';
import { checkedSteps } from './plan/checked-steps.js';
import { readPlanHead } from './plan/plan-steps.js';
import { showPlan } from './show-plan.js';
import type { syncCommand } from './sync.js';

type Options = InputOfCommand<typeof syncCommand>['options'];

interface SyncJob {
  readonly client: FileClient;
  readonly places: ComparedPlaces;
  readonly options: Options;
  readonly context: CommandContext;
}

export const runSync: RunCommand<typeof syncCommand.options> = (input, context) =>
  withinTime(input.options.maxTime, context, (limited) => synchronise(input, limited));

async function synchronise(
  { operands, options }: InputOfCommand<typeof syncCommand>,
  context: CommandContext,
): Promise<ExitName> {
  const places = comparedPlaces(operands);
  rejectContradictions(options);
  const backup = options.plan === undefined ? options.backup : await backupOfPlan(options.plan, places);
  const settings = options.plan === undefined ? await planOptions(options, context) : undefined;
  return withClient({ url: places.url, options, context }, async (client) => {
    const job = { client, places, options, context };
    if (settings === undefined) {
      const steps = await checkedSteps({ file: options.plan ?? '', client, places, context });
      return carryOut(job, steps, backup);
    }
    try {
      return await (options.dryRun ? showPlan(job, settings) : syncNow(job, settings));
    } catch (error) {
      throw withOption(error);
    }
  });
}

async function syncNow(job: SyncJob, settings: PlanOptions): Promise<ExitName> {
  const { client, places, options, context } = job;
  const { maxBytes } = options;
  if (maxBytes !== undefined) {
    const budget = new ByteBudget(maxBytes);
    const plan = withinBytes(client.planSync(places.from, places.to, settings), budget);
    return budget.exit(await carryOut(job, plan, settings.backupDirectory), context.output);
  }
  return withTally(job, async (listeners) => {
    await client.sync(places.from, places.to, { ...settings, flush: options.flush, ...listeners });
  });
}

function carryOut(
  job: SyncJob,
  plan: AsyncIterable<SyncAction>,
  backupDirectory: string | undefined,
): Promise<ExitName> {
  const { client, places, options, context } = job;
  return withTally(job, async (listeners) => {
    const { from, to } = places;
    await client.applyPlan(
      plan,
      { from, to },
      { backupDirectory, flush: options.flush, signal: context.signal, ...listeners },
    );
  });
}

type Listeners = Required<
  Pick<NonNullable<Parameters<FileClient['applyPlan']>[2]>, 'onAction' | 'onProgress'>
>;

async function withTally(
  { options, context }: SyncJob,
  run: (listeners: Listeners) => Promise<void>,
): Promise<ExitName> {
  const display = startProgress(context.output, options.progress ?? 'auto', context.scheduler);
  const tally = new TransferTally(context.output, display, context.scheduler);
  tally.expectDirectory('');
  tally.planned();
  try {
    await run({
      onAction: (action, outcome) => tally.action('', action, outcome),
      onProgress: (progress) => tally.directory('', progress),
    });
    return tally.end({ exitNothing: options.exitNothing === true });
  } finally {
    display.end();
  }
}

async function planOptions(options: Options, { signal }: CommandContext): Promise<PlanOptions> {
  const mode = options.delete ? 'mirror' : options.newer ? 'newer' : 'update';
  const comparison = await comparisonSettings(options);
  return { ...comparison, mode, maxDelete: options.maxDelete, backupDirectory: options.backup, signal };
}

/** The plan is for these two directories only. */
async function backupOfPlan(file: string, { names }: ComparedPlaces): Promise<string | undefined> {
  const head = await readPlanHead(file);
  if (head.from === names.from && head.to === names.to) return head.backup;
  throw new ExitError('refused', `The plan in ${file} is for ${head.from} and ${head.to}.`, {
    code: 'ESAFETY',
  });
}

/** What a plan was made with is part of the plan. */
const planned = [
  ...Object.keys(comparisonOptions),
  'delete',
  'maxDelete',
  'newer',
  'backup',
  'dryRun',
] as const;

function rejectContradictions(options: Options): void {
  const { plan, dryRun, exitDiff, maxDelete, newer } = options;
  const given = planned.find((name) => options[name as keyof Options] !== undefined);
  if (plan !== undefined && given !== undefined) {
    throw usageError(`--plan carries out a plan as it was made: leave out ${flagOf(given)}.`);
  }
  if (exitDiff && !dryRun) throw usageError('--exit-diff needs --dry-run.');
  if (maxDelete !== undefined && !options.delete) throw usageError('--max-delete needs --delete.');
  if (options.maxBytes !== undefined && plan !== undefined)
    throw usageError('--max-bytes needs a plan that is made now: leave out --plan.');
  if (newer && options.delete) throw usageError('--newer and --delete exclude each other.');
}

/** The library names its own option. */
function withOption(error: unknown): unknown {
  if (errorCode(error) !== 'ESAFETY' || !(error instanceof Error)) return error;
  const message = error.message.replace('set the option maxDelete', 'run it with --max-delete <number>');
  return new ExitError('refused', message, { code: 'ESAFETY', cause: error });
}
