/**
 * Plans in files: the events `plan`, `step` ... and `planEnd`, one a line, as `sync --dry-run --json` writes them. A file
 * without its last line was cut, and is refused as a whole.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { SyncAction } from '../../../index.js';
import { ExitError } from '../../runner/exit-error.js';
import { usageError } from '../../runner/usage-error.js';

/** What a plan is about. */
export interface PlanHead {
  readonly from: string;
  readonly to: string;
  /** The directory of the target for what is replaced or deleted. */
  readonly backup?: string | undefined;
}

/** Reads the whole file once, and throws unless it is a whole plan. Returns its head. */
export async function readPlanHead(file: string): Promise<PlanHead> {
  let head: PlanHead | undefined;
  let steps = 0;
  let end: number | undefined;
  for await (const { event, fields } of planEvents(file)) {
    if (event === 'plan') head = headOf(fields, file);
    else if (event === 'step') steps += 1;
    else if (event === 'planEnd') end = Number(fields['steps']);
    else if (event === 'error')
      throw refused(`The plan in ${file} ended with an error: ${String(fields['message'])}`);
  }
  if (!head) throw usageError(`${file} is no plan of sync --dry-run --json.`);
  if (end === steps) return head;
  throw refused(
    `The plan in ${file} is not whole: it has ${steps} of ${end ?? 'an unknown number of'} steps.`,
  );
}

/** The steps of a plan that {@link readPlanHead} has accepted. */
export async function* planSteps(file: string): AsyncGenerator<SyncAction> {
  for await (const { event, fields } of planEvents(file)) {
    if (event === 'step') yield stepOf(fields['action'], file);
  }
}

interface PlanEvent {
  readonly event: unknown;
  readonly fields: Readonly<Record<string, unknown>>;
}

async function* planEvents(file: string): AsyncGenerator<PlanEvent> {
  const input = createReadStream(file);
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      if (line !== '') yield eventOf(line, file);
    }
  } finally {
    input.destroy();
  }
}

function eventOf(line: string, file: string): PlanEvent {
  try {
    const fields = JSON.parse(line) as Readonly<Record<string, unknown>> | null;
    if (typeof fields === 'object' && fields !== null && fields['v'] === 1) {
      return { event: fields['event'], fields };
    }
  } catch {
    // The error below says what is expected.
  }
  throw usageError(`${file} has a line that is no event of sync --dry-run --json.`);
}

function headOf({ from, to, backup }: PlanEvent['fields'], file: string): PlanHead {
  if (typeof from !== 'string' || typeof to !== 'string')
    throw usageError(`${file} does not say what its plan is about.`);
  return { from, to, backup: typeof backup === 'string' ? backup : undefined };
}

const kinds: Record<SyncAction['kind'], true> = {
  'make-directory': true,
  transfer: true,
  append: true,
  copy: true,
  rename: true,
  touch: true,
  delete: true,
  problem: true,
};

function stepOf(action: unknown, file: string): SyncAction {
  const { kind, path } = (action ?? {}) as Partial<Record<string, unknown>>;
  if (typeof kind === 'string' && Object.hasOwn(kinds, kind) && typeof path === 'string')
    return action as SyncAction;
  throw usageError(`${file} has a step of a kind that this version does not know.`);
}

function refused(message: string): ExitError {
  return new ExitError('refused', message, { code: 'ESAFETY' });
}
