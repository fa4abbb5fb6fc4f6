/** Lists directories: entries are written as they arrive, so that a large directory needs no memory. */
import type { FileClient, FileEntry } from '../../index.js';
import { forEachServer } from '../connection/with-client.js';
import type { CommandContext, RunCommand } from '../runner/command-context.js';
import type { InputOfCommand } from '../runner/command.js';
import type { ExitName } from '../runner/exit-codes.js';
import { expandWildcards } from '../url/expand-wildcards.js';
import { parseRemoteUrl, type RemoteUrl } from '../url/remote-url.js';
import { entryLine } from './entry-line.js';
import type { lsCommand } from './ls.js';

type Options = InputOfCommand<typeof lsCommand>['options'];

export const runLs: RunCommand<typeof lsCommand.options> = async ({ operands, options }, context) => {
  const urls = operands.map(parseRemoteUrl);
  let exit: ExitName = 'ok';
  await forEachServer({ urls, options, context }, async (client, ofServer) => {
    for (const url of ofServer) {
      const listed = await list(client, { url, options, context });
      if (listed !== 'ok') exit = listed;
    }
  });
  return exit;
};

interface Request {
  readonly url: RemoteUrl;
  readonly options: Options;
  readonly context: CommandContext;
}

async function list(client: FileClient, request: Request): Promise<ExitName> {
  const { url, context } = request;
  const { signal } = context;
  if (url.isPattern) {
    for (const entry of await expandWildcards(client, url, signal)) show(entry, entry.path, request);
    return 'ok';
  }
  const isDirectory = url.path === '' || (await client.stat(url.path, { signal })).kind === 'directory';
  if (isDirectory) return listDirectory(client, request);
  show(await client.stat(url.path, { signal }), url.path, request);
  return 'ok';
}

async function listDirectory(client: FileClient, request: Request): Promise<ExitName> {
  const { url, options, context } = request;
  const listing = client.list(url.path, { signal: context.signal, recursive: options.recursive });
  const start = url.path === '' ? 0 : url.path.length + 1;
  for await (const entry of listing) show(entry, entry.path.slice(start), request);
  const omitted = listing.omitted ?? 0;
  if (omitted === 0) return 'ok';
  context.output.error(`${omitted} names cannot be shown: the protocol does not allow them.`);
  return 'partial';
}

function show(entry: FileEntry, name: string, { options, context: { output } }: Request): void {
  const { path, kind, size, mtime, mode, etag } = entry;
  output.event('entry', { path, kind, size, mtime: mtime.toISOString(), mode, etag });
  output.print(entryLine(entry, name, { isLong: options.long === true, inBytes: options.bytes === true }));
}
