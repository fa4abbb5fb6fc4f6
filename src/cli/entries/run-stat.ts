/** Shows entries, one field a line. */
import type { FileClient, FileEntry } from '../../index.js';
import { forEachServer } from '../connection/with-client.js';
import type { CommandContext, RunCommand } from '../runner/command-context.js';
import { parseRemoteUrl } from '../url/remote-url.js';
import { formatSize } from '../values/size.js';
import { modeText } from './entry-line.js';
import { namedEntries } from './named-entries.js';
import type { statCommand } from './stat.js';

export const runStat: RunCommand<typeof statCommand.options> = async ({ operands, options }, context) => {
  const urls = operands.map(parseRemoteUrl);
  await forEachServer({ urls, options, context }, async (client, ofServer) => {
    for (const url of ofServer) {
      for (const entry of await namedEntries(client, url, context.signal)) {
        const checksum = options.checksum ? await checksumOf(client, entry, context) : undefined;
        show(entry, checksum, context);
      }
    }
  });
  return 'ok';
};

async function checksumOf(
  client: FileClient,
  { kind, path }: FileEntry,
  { signal }: CommandContext,
): Promise<string | undefined> {
  return kind === 'file' ? client.checksum(path, 'sha256', { signal }) : undefined;
}

function show(entry: FileEntry, checksum: string | undefined, { output }: CommandContext): void {
  const { path, kind, size, mtime, mode, etag } = entry;
  output.event('entry', { path, kind, size, mtime: mtime.toISOString(), mode, etag, checksum });
  const rows: [string, string | undefined][] = [
    ['path', `/${path}`],
    ['kind', kind],
    ['size', kind === 'file' ? `${size} bytes (${formatSize(size)})` : undefined],
    ['time', mtime.toISOString()],
    ['mode', mode === undefined ? undefined : `${modeText(entry)} (${mode.toString(8).padStart(3, '0')})`],
    ['etag', etag],
    ['checksum', checksum],
  ];
  for (const [name, value] of rows) {
    if (value !== undefined) output.print(['bold', name.padEnd(10)], value);
  }
}
