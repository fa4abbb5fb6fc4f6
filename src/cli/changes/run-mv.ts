/** Renames a file or directory. */
import { withClient } from '../connection/with-client.js';
import type { RunCommand } from '../runner/command-context.js';
import type { mvCommand } from './mv.js';
import { parsePair } from './parse-target.js';

export const runMv: RunCommand<typeof mvCommand.options> = async ({ operands, options }, context) => {
  const { from, to } = parsePair(operands);
  const { output, signal } = context;
  await withClient({ url: from, options, context }, (client) =>
    client.rename(from.path, to.path, { overwrite: options.replace, signal }),
  );
  output.event('action', { kind: 'rename', path: from.path, target: to.path, status: 'done', bytes: 0 });
  output.detail(`done: rename ${from.path} -> ${to.path}`);
  return 'ok';
};
