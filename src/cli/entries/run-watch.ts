/** Writes the changes of a directory as they happen. */
import type { WatchEvent } from '../../index.js';
import { withClient } from '../connection/with-client.js';
import type { Output } from '../output/output.js';
import type { RunCommand } from '../runner/command-context.js';
import { usageError } from '../runner/usage-error.js';
import { formatRemoteUrl, parseRemoteUrl } from '../url/remote-url.js';
import type { watchCommand } from './watch.js';

const signs = { created: '+', changed: '~', removed: '-', renamed: '>', present: '=' } as const;

export const runWatch: RunCommand<typeof watchCommand.options> = async ({ operands, options }, context) => {
  const { output, signal } = context;
  const [url] = operands.map(parseRemoteUrl);
  if (url === undefined || url.isPattern) throw usageError('watch takes the URL of one directory.');
  const { recursive, snapshot, count = Infinity } = options;
  await withClient({ url, options, context }, async (client) => {
    // With its snapshot, a watch tells when it has begun.
    const watch = client.watch(`/${url.path}`, { recursive, snapshot: true, signal });
    let changes = 0;
    for await (const event of watch) {
      if (event.kind === 'ready') output.note(`Watching ${formatRemoteUrl(url)}. Ctrl-C ends.`);
      if (event.kind === 'present' && !snapshot) continue;
      show(event, output);
      if (event.kind !== 'present' && event.kind !== 'ready' && ++changes >= count) break;
    }
  });
  return 'ok';
};

function show(event: WatchEvent, output: Output): void {
  if (!('entry' in event)) {
    output.event('watch', { change: event.kind });
    if (event.kind === 'lost') output.note('Changes may be missing; the differences follow.');
    return;
  }
  const { path, kind, size, mtime } = event.entry;
  const from = event.kind === 'renamed' ? event.from : undefined;
  output.event('watch', { change: event.kind, path, kind, size, mtime: mtime.toISOString(), from });
  const name = kind === 'directory' ? `${path}/` : path;
  output.print(`${signs[event.kind]} ${from === undefined ? name : `${from} -> ${name}`}`);
}
