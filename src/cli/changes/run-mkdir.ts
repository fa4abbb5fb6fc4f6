/** Creates directories. */
import { forEachServer } from '../connection/with-client.js';
import type { RunCommand } from '../runner/command-context.js';
import { parseTarget } from './parse-target.js';
import { ChangeTally } from './change-tally.js';
import type { mkdirCommand } from './mkdir.js';

export const runMkdir: RunCommand<typeof mkdirCommand.options> = async ({ operands, options }, context) => {
  const urls = operands.map(parseTarget);
  const tally = new ChangeTally('make-directory', context);
  await forEachServer({ urls, options, context }, async (client, ofServer) => {
    for (const { path } of ofServer) {
      await tally.run({ path }, async () => {
        await client.mkdir(path, { recursive: options.parents, signal: context.signal });
        return 'done';
      });
    }
  });
  return tally.exit();
};
