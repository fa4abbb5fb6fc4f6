/** Draws a tree. Only the directories on the way to the present line are in memory. */
import type { FileClient, FileEntry } from '../../index.js';
import { withClient } from '../connection/with-client.js';
import type { CommandContext, RunCommand } from '../runner/command-context.js';
import { ExitError } from '../runner/exit-error.js';
import { errorCode } from '../runner/exit-of.js';
import { usageError } from '../runner/usage-error.js';
import { parseRemoteUrl } from '../url/remote-url.js';
import { formatSize } from '../values/size.js';
import type { treeCommand } from './tree.js';

/** Entries of one directory: they are sorted in memory. A server could send them without end. */
const MAX_ENTRIES = 1_000_000;

interface Drawing {
  readonly client: FileClient;
  readonly context: CommandContext;
  readonly depth: number;
  readonly directoriesOnly: boolean;
  readonly counts: { files: number; directories: number; bytes: number; unreadable: number };
}

export const runTree: RunCommand<typeof treeCommand.options> = async ({ operands, options }, context) => {
  const [url] = operands.map(parseRemoteUrl);
  if (url === undefined || url.isPattern) throw usageError('tree takes the URL of one directory.');
  return withClient({ url, options, context }, async (client) => {
    const counts = { files: 0, directories: 0, bytes: 0, unreadable: 0 };
    const drawing: Drawing = {
      client,
      context,
      depth: options.depth ?? Infinity,
      directoriesOnly: options.directories === true,
      counts,
    };
    context.output.print(['bold', `/${url.path}`]);
    await draw(drawing, await sortedEntries(drawing, url.path), { indent: '', level: 1 });
    context.output.print(
      `${counted(counts.directories, 'directory', 'directories')}, ${counted(counts.files, 'file', 'files')}, ${formatSize(counts.bytes)}`,
    );
    return counts.unreadable > 0 ? 'partial' : 'ok';
  });
};

function counted(number: number, one: string, several: string): string {
  return `${number} ${number === 1 ? one : several}`;
}

async function draw(
  drawing: Drawing,
  entries: readonly FileEntry[],
  { indent, level }: { indent: string; level: number },
): Promise<void> {
  const { context, counts, depth } = drawing;
  for (const [index, entry] of entries.entries()) {
    const isLast = index === entries.length - 1;
    show(entry, `${indent}${isLast ? '└── ' : '├── '}`, context);
    if (entry.kind === 'file') {
      counts.files += 1;
      counts.bytes += entry.size;
      continue;
    }
    counts.directories += 1;
    if (level >= depth) continue;
    const below = { indent: `${indent}${isLast ? '    ' : '│   '}`, level: level + 1 };
    await draw(drawing, await readableEntries(drawing, entry), below);
  }
}

function show(entry: FileEntry, branch: string, { output }: CommandContext): void {
  const { path, kind, size, mtime, mode, etag } = entry;
  output.event('entry', { path, kind, size, mtime: mtime.toISOString(), mode, etag });
  const name = path.slice(path.lastIndexOf('/') + 1);
  output.print(['dim', branch], kind === 'directory' ? ['cyan', `${name}/`] : name);
}

/** A directory that must not be listed is shown without its content. */
async function readableEntries(drawing: Drawing, { path }: FileEntry): Promise<FileEntry[]> {
  try {
    return await sortedEntries(drawing, path);
  } catch (error) {
    if (!['EACCES', 'ENOENT'].includes(errorCode(error) ?? '')) throw error;
    drawing.counts.unreadable += 1;
    drawing.context.output.error(error instanceof Error ? error.message : String(error));
    return [];
  }
}

async function sortedEntries(
  { client, context, directoriesOnly }: Drawing,
  path: string,
): Promise<FileEntry[]> {
  const entries: FileEntry[] = [];
  for await (const entry of client.list(path, { signal: context.signal })) {
    if (directoriesOnly && entry.kind !== 'directory') continue;
    if (entries.push(entry) > MAX_ENTRIES)
      throw new ExitError('limit', `/${path} has more than ${MAX_ENTRIES} entries.`, { code: 'EFLOOD' });
  }
  return entries.sort((one, other) => (one.path < other.path ? -1 : 1));
}
