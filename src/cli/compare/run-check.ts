/** Compares two directories. */
import { withClient } from '../connection/with-client.js';
import type { RunCommand } from '../runner/command-context.js';
import type { checkCommand } from './check.js';
import { comparedPlaces } from './compared-places.js';
import { comparisonSettings } from './comparison-settings.js';
import { actionLine } from './plan/action-line.js';
import { PlanTally } from './plan/plan-tally.js';

export const runCheck: RunCommand<typeof checkCommand.options> = async ({ operands, options }, context) => {
  const { output, signal } = context;
  const { from, to, url } = comparedPlaces(operands);
  const settings = { ...(await comparisonSettings(options)), backupDirectory: options.backup, signal };
  return withClient({ url, options, context }, async (client) => {
    const check = client.check(from, to, settings);
    const tally = new PlanTally();
    for await (const action of check) {
      tally.add(action);
      output.event('difference', { action });
      output.print(...actionLine(action));
    }
    const { equal, different, missing, extra, problems } = check.counts;
    output.event('checked', { equal, different, missing, extra, problems });
    output.note(
      `${equal} equal, ${different} different, ${missing} missing, ${extra} extra, ${problems} problems`,
    );
    if (tally.steps > 0) return 'differences';
    return tally.failing > 0 ? 'partial' : 'ok';
  });
};
