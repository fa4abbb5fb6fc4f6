/**
 * The entries of a watched directory as the server has told them, and what the program is to be told.
 *
 *     present ... ready -> the first time: the snapshot; later: compared with the entries -> created, changed, removed
 *     a change          -> compared with the entries -> the change as it is for them, or nothing
 */
import { PathTree } from '../../collections/path-tree.js';
import { protocolError, TransferError } from '../../errors.js';
import { parseEntry, type FileEntry } from '../../protocol/entry.js';
import type { FrameOf } from '../../protocol/frames.js';
import { parseRemotePath, REMOTE_ROOT, type RemotePath } from '../../protocol/remote-path.js';
import type { WatchEvent } from './watch-event.js';

/** Characters of paths and etags, an entry on average: the server chooses their lengths. */
const MAX_TEXT_PER_ENTRY = 1_024;

interface Known {
  /** Its path is that in the tree. */
  readonly entry: FileEntry;
  /** The number of the snapshot that had it, or in which it was told. */
  readonly round: number;
}

export interface WatchedDirectoryOptions {
  readonly top: RemotePath;
  readonly recursive: boolean;
  readonly snapshot: boolean;
  readonly maxEntries: number;
}

export class WatchedDirectory {
  readonly #options: WatchedDirectoryOptions;
  readonly #prefix: string;
  /** Number of the paths in the tree that are not below the directory. */
  readonly #outerPaths: number;
  readonly #known = new PathTree<Known>();
  /** Characters of the paths and etags of the entries. */
  #textLength = 0;
  #round = 1;
  #inSnapshot = true;
  /** Whether a snapshot was complete. */
  #isReady = false;

  constructor(options: WatchedDirectoryOptions) {
    this.#options = options;
    this.#prefix = options.top === REMOTE_ROOT ? '' : `${options.top}/`;
    this.#outerPaths = this.#prefix.split('/').length - 1;
  }

  /** Whether the server has told all entries, so that only changes follow. */
  get isComplete(): boolean {
    return !this.#inSnapshot;
  }

  /** The server begins again, on another channel. */
  restart(): WatchEvent[] {
    this.#beginSnapshot();
    return this.#isReady ? [{ kind: 'lost' }] : [];
  }

  /** Applies a frame of the server. Throws EPROTO, EFLOOD, or an error of a path. */
  apply(frame: FrameOf<'change'>): WatchEvent[] {
    switch (frame.event) {
      case 'present':
        return this.#present(this.#entryOf(frame));
      case 'ready':
        return this.#ready();
      case 'lost':
        return [{ kind: 'lost' }];
      case 'created':
      case 'changed':
        this.#requireComplete(frame);
        return this.#put(this.#entryOf(frame), 'created');
      case 'renamed':
        this.#requireComplete(frame);
        return this.#rename(this.#entryOf(frame), this.#pathOf(frame.from));
      case 'removed':
        this.#requireComplete(frame);
        return this.#remove(this.#pathOf(frame.path));
      default:
        // Of a later version.
        return [];
    }
  }

  /** The entries at and below a path, by their paths. */
  *entries(path: RemotePath): Generator<FileEntry> {
    for (const [at, { entry }] of this.#known.entries(path)) yield { ...entry, path: at as RemotePath };
  }

  #present(entry: FileEntry): WatchEvent[] {
    if (!this.#inSnapshot) this.#beginSnapshot();
    return this.#put(entry, this.#isReady ? 'created' : 'present');
  }

  #ready(): WatchEvent[] {
    if (!this.#inSnapshot) this.#beginSnapshot();
    this.#inSnapshot = false;
    const gone: string[] = [];
    // Of a removed directory, the content as well.
    for (const [path, { round }] of this.#known.entries())
      if (round !== this.#round && !isBelow(path, gone.at(-1))) gone.push(path);
    const events = gone.flatMap((path) => this.#remove(path as RemotePath));
    const isFirst = !this.#isReady;
    this.#isReady = true;
    if (!this.#options.snapshot) return isFirst ? [] : events;
    return isFirst ? [...events, { kind: 'ready' }] : events;
  }

  #beginSnapshot(): void {
    this.#inSnapshot = true;
    this.#round += 1;
  }

  #put(entry: FileEntry, kind: 'created' | 'present'): WatchEvent[] {
    const before = this.#known.get(entry.path);
    const isReplaced = before !== undefined && before.entry.kind !== entry.kind;
    const removed = isReplaced ? this.#remove(entry.path) : [];
    this.#know(entry);
    this.#checkSize();
    if (kind === 'present' && !this.#options.snapshot) return [];
    if (!before || isReplaced) return [...removed, { kind, entry }];
    return isSame(before.entry, entry) ? [] : [{ kind: 'changed', entry }];
  }

  #remove(path: RemotePath): WatchEvent[] {
    return this.#known.delete(path).map(([at, { entry }]) => {
      this.#textLength -= textLength(entry);
      return { kind: 'removed', entry: { ...entry, path: at as RemotePath } };
    });
  }

  #know(entry: FileEntry): void {
    const before = this.#known.get(entry.path);
    if (before) this.#textLength -= textLength(before.entry);
    this.#textLength += textLength(entry);
    this.#known.set(entry.path, { entry, round: this.#round });
  }

  #rename(entry: FileEntry, from: RemotePath): WatchEvent[] {
    const { path } = entry;
    if (path === from || path.startsWith(`${from}/`) || from.startsWith(`${path}/`))
      throw protocolError('The server tells a rename that is not possible.');
    const before = this.#known.get(from);
    if (!before) return this.#put(entry, 'created');
    if (before.entry.kind !== entry.kind) return [...this.#remove(from), ...this.#put(entry, 'created')];
    const isReplaced = this.#known.get(path)?.entry.kind === 'directory';
    const replaced = this.#remove(path);
    this.#known.move(from, path);
    this.#know(entry);
    this.#checkSize();
    // A file replaces a file without an event of its own.
    return [...(isReplaced ? replaced : []), { kind: 'renamed', entry, from }];
  }

  #entryOf(frame: FrameOf<'change'>): FileEntry {
    const entry = parseEntry(frame);
    this.#requireInside(entry.path);
    return entry;
  }

  #pathOf(text: string | undefined): RemotePath {
    if (text === undefined) throw protocolError('A change of a watch lacks a path.');
    const path = parseRemotePath(text);
    this.#requireInside(path);
    return path;
  }

  #requireInside(path: RemotePath): void {
    const rest = path.slice(this.#prefix.length);
    const isInside = rest !== '' && path.startsWith(this.#prefix);
    if (isInside && (this.#options.recursive || !rest.includes('/'))) return;
    throw protocolError('A change of a watch has a path outside the directory.');
  }

  #requireComplete({ event }: FrameOf<'change'>): void {
    if (this.#inSnapshot) throw protocolError(`The server tells ${event} before the snapshot is complete.`);
  }

  #checkSize(): void {
    const { maxEntries } = this.#options;
    const maxLength = maxEntries * MAX_TEXT_PER_ENTRY;
    if (this.#known.paths - this.#outerPaths > maxEntries)
      throw tooMany('entries, the limit of the option maxEntries', maxEntries);
    if (this.#textLength > maxLength) throw tooMany('characters in paths and etags', maxLength);
  }
}

function tooMany(what: string, max: number): TransferError {
  return new TransferError('EFLOOD', `The watched directory has more than ${max} ${what}.`);
}

function textLength({ path, etag = '' }: FileEntry): number {
  return path.length + etag.length;
}

/** Whether two versions are the same to a program. The time of a directory tells only that its entries have changed. */
function isSame(one: FileEntry, other: FileEntry): boolean {
  if (one.kind === 'directory') return true;
  const isSameTime = one.mtime.getTime() === other.mtime.getTime();
  return one.size === other.size && one.etag === other.etag && isSameTime;
}

function isBelow(path: string, directory: string | undefined): boolean {
  return directory !== undefined && path.startsWith(`${directory}/`);
}
