/** Transfers a directory: a plan of the library, without the files that stay as they are by a decision. */
import type { FileClient, PlanOptions, SyncAction, SyncPlace } from '../../../index.js';
import type { ByteBudget } from '../../limits/byte-budget.js';
import { withinBytes } from '../../limits/within-bytes.js';
import type { DecideExisting, ExistingRule } from './existing-rule.js';
import { PlanReader } from './plan-reader.js';
import type { TransferTally } from '../report/transfer-tally.js';

/** A directory, and how it is transferred. */
export interface DirectoryJob {
  readonly from: SyncPlace;
  readonly to: SyncPlace;
  /** How the directory is called in messages. */
  readonly name: string;
  readonly rule: ExistingRule | undefined;
  readonly comparison: Pick<PlanOptions, 'ignore' | 'encodeNames' | 'links'>;
  readonly decide: DecideExisting;
  readonly budget: ByteBudget;
  readonly tally: TransferTally;
  readonly signal: AbortSignal;
}

/** Resolves with the files that are to get another name. */
export async function transferDirectory(client: FileClient, job: DirectoryJob): Promise<SyncAction[]> {
  const { from, to, name, rule, comparison, tally, signal } = job;
  const mode = rule === 'newer' ? 'newer' : 'update';
  const plan = client.planSync(from, to, { ...comparison, mode, signal });
  const reader = new PlanReader(plan);
  const renamed: SyncAction[] = [];
  await client.applyPlan(
    decided(reader, job, renamed),
    { from, to },
    {
      signal,
      onProgress: (progress) =>
        tally.directory(name, { ...progress, ...reader.totals, scanned: plan.counts.scanned }),
      onAction: (action, outcome) => tally.action(name, action, outcome),
    },
  );
  return renamed;
}

async function* decided(
  reader: PlanReader,
  { name, rule, decide, budget, tally }: DirectoryJob,
  renamed: SyncAction[],
): AsyncGenerator<SyncAction> {
  for await (const action of withinBytes(reader.actions(), budget, tally.bytes)) {
    const versions = replacedVersions(name, action);
    // A plan of the mode `newer` has decided already.
    if (versions === undefined || rule === 'newer') {
      yield action;
      continue;
    }
    try {
      const decision = await decide(versions);
      if (decision === 'replace') {
        yield action;
        continue;
      }
      reader.leaveOut(action);
      if (decision === 'rename') renamed.push(action);
      else tally.leftOut(name, action);
    } catch (error) {
      reader.leaveOut(action);
      tally.refused(name, action, error);
    }
  }
}

/** The versions of a file that would be replaced; undefined for every other action. */
function replacedVersions(name: string, action: SyncAction) {
  if (action.kind !== 'transfer' && action.kind !== 'append' && action.kind !== 'copy') return undefined;
  if (!action.target) return undefined;
  return {
    name: `${name}/${action.path}`,
    sourceMtimeMs: action.source.mtimeMs,
    targetMtimeMs: action.target.mtimeMs,
  };
}
