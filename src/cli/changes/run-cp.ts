/** Copies a file, or the files of a directory one after the other. */
import type { FileClient } from '../../index.js';
import { withClient } from '../connection/with-client.js';
import type { CommandContext, RunCommand } from '../runner/command-context.js';
import { ExitError } from '../runner/exit-error.js';
import { usageError } from '../runner/usage-error.js';
import { ChangeTally } from './change-tally.js';
import type { cpCommand } from './cp.js';
import { parsePair } from './parse-target.js';

interface Copying {
  readonly client: FileClient;
  readonly from: string;
  readonly to: string;
  readonly overwrite: boolean | undefined;
  readonly context: CommandContext;
  readonly tally: ChangeTally;
}

export const runCp: RunCommand<typeof cpCommand.options> = async ({ operands, options }, context) => {
  const { from, to } = parsePair(operands);
  if (`${to.path}/`.startsWith(`${from.path}/`))
    throw usageError('The target is the source, or inside of it.');
  const tally = new ChangeTally('copy', context);
  await withClient({ url: from, options, context }, async (client) => {
    const { signal } = context;
    const { kind } = await client.stat(from.path, { signal });
    const paths = { from: from.path, to: to.path, overwrite: options.replace };
    if (kind === 'file') return copyFile({ client, ...paths, context, tally });
    if (options.recursive) return copyDirectory({ client, ...paths, context, tally });
    throw new ExitError('refused', `/${from.path} is a directory. Copy it with --recursive.`, {
      code: 'EISDIR',
    });
  });
  return tally.exit();
};

async function copyFile({ client, from, to, overwrite, context, tally }: Copying): Promise<void> {
  await tally.run({ path: from, target: to }, async () => {
    await client.copy(from, to, { overwrite, signal: context.signal });
    return 'done';
  });
}

/** A listing has a directory before its content. */
async function copyDirectory(copying: Copying): Promise<void> {
  const { client, from, to, context, tally } = copying;
  const { signal } = context;
  await client.mkdir(to, { recursive: true, signal });
  for await (const { path, kind } of client.list(from, { recursive: true, signal })) {
    const target = `${to}${path.slice(from.length)}`;
    if (kind === 'file') await copyFile({ ...copying, from: path, to: target });
    else {
      await tally.run({ path, target }, async () => {
        await client.mkdir(target, { recursive: true, signal });
        return 'done';
      });
    }
  }
}
