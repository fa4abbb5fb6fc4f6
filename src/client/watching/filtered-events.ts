/** The events of a watch for a program that wants to know of some entries only. */
import type { FileEntry } from '../../protocol/entry.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import type { WatchEvent } from './watch-event.js';
import type { WatchedDirectory } from './watched-directory.js';

type Filter = (entry: FileEntry) => boolean;

/**
 * The events that pass a filter.
 *
 * @param directory - to which the event has been applied
 */
export function filteredEvents(
  event: WatchEvent,
  filter: Filter | undefined,
  directory: WatchedDirectory,
): WatchEvent[] {
  if (!filter || !('entry' in event)) return [event];
  if (event.kind !== 'renamed') return filter(event.entry) ? [event] : [];
  const { path } = event.entry;
  const [first, ...inner] = filteredRename(event.entry, event.from, filter);
  const isTold = first?.kind === 'renamed';
  const events = first ? [first, ...inner] : [];
  if (event.entry.kind === 'file') return events;
  // A rename of the directory that is told says the same of what is below it, unless the filter looks at paths.
  for (const entry of directory.entries(path)) {
    if (entry.path === path) continue;
    const from = (event.from + entry.path.slice(path.length)) as RemotePath;
    const below = filteredRename(entry, from, filter);
    events.push(...(isTold ? below.filter(({ kind }) => kind !== 'renamed') : below));
  }
  return events;
}

function filteredRename(entry: FileEntry, from: RemotePath, filter: Filter): WatchEvent[] {
  const before = { ...entry, path: from };
  const [passed, passes] = [filter(before), filter(entry)];
  if (passed && passes) return [{ kind: 'renamed', entry, from }];
  if (passed) return [{ kind: 'removed', entry: before }];
  return passes ? [{ kind: 'created', entry }] : [];
}
