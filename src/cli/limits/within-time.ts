/** Ends a command after a time, as Ctrl-C would: what has arrived is kept. */
import type { CommandContext } from '../runner/command-context.js';
import type { ExitName } from '../runner/exit-codes.js';
import { ExitError } from '../runner/exit-error.js';
import { formatDuration } from '../values/duration.js';

/** Rejects with the exit code of a limit when the time is over. Without a time, only runs the command. */
export async function withinTime(
  maxTimeMs: number | undefined,
  context: CommandContext,
  run: (context: CommandContext) => Promise<ExitName>,
): Promise<ExitName> {
  if (maxTimeMs === undefined) return run(context);
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), maxTimeMs);
  try {
    return await run({ ...context, signal: AbortSignal.any([context.signal, limit.signal]) });
  } catch (error) {
    if (!limit.signal.aborted || context.signal.aborted) throw error;
    const message = `The ${formatDuration(maxTimeMs)} of --max-time are over. The same command continues.`;
    throw new ExitError('limit', message, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
