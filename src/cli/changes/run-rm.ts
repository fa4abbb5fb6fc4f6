/** Removes entries, each by a request of its own. One that fails does not stop the others. */
import { namedEntries } from '../entries/named-entries.js';
import { forEachServer } from '../connection/with-client.js';
import type { RunCommand } from '../runner/command-context.js';
import { errorCode } from '../runner/exit-of.js';
import { usageError } from '../runner/usage-error.js';
import { parseRemoteUrl } from '../url/remote-url.js';
import { ChangeTally } from './change-tally.js';
import type { rmCommand } from './rm.js';

export const runRm: RunCommand<typeof rmCommand.options> = async ({ operands, options }, context) => {
  const { signal } = context;
  const urls = operands.map(parseRemoteUrl);
  if (urls.some(({ path }) => path === '')) throw usageError('The root of a server cannot be removed.');
  const { recursive, force } = options;
  const tally = new ChangeTally('delete', context);
  await forEachServer({ urls, options, context }, async (client, ofServer) => {
    for (const url of ofServer) {
      await tally.run({ path: url.path }, async () => {
        const paths = url.isPattern
          ? (await namedEntries(client, url, signal)).map(({ path }) => path)
          : [url.path];
        for (const path of paths) {
          await tally.run({ path }, async () => {
            try {
              await client.remove(path, { recursive, signal });
            } catch (error) {
              if (!force || errorCode(error) !== 'ENOENT') throw error;
              return 'skipped';
            }
            return 'done';
          });
        }
        return undefined;
      });
    }
  });
  return tally.exit();
};
