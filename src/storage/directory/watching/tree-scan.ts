/**
 * Compares parts of a watched tree with the file system.
 *
 *     gather: read the marked directories -> what is gone, new, modified -> read new directories ...
 *     pair:   new entries with gone ones of the same identity: renames
 *     apply:  each step changes the tree and is told, so that steps make sense in their order
 */
import { TransferError } from '../../../errors.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { StorageChange } from '../../storage.js';
import {
  entryOf,
  isAttached,
  isWatched,
  nodesBelow,
  pathOf,
  type FoundEntry,
  type WatchedDirectory,
  type WatchedNode,
} from './watched-node.js';

/** Names to look at in a directory; undefined: all. */
export type MarkedNames = ReadonlySet<string> | undefined;

/** The tree, and what the scan needs of its watcher. */
export interface ScannedTree {
  readonly top: RemotePath;
  readonly root: WatchedDirectory;
  readonly recursive: boolean;
  /** Undefined if another directory or none is at the path of the node. Rejects if it cannot be read. */
  read(node: WatchedDirectory, names: MarkedNames): Promise<Map<string, FoundEntry> | undefined>;
  /** Watches a directory that is new in the tree. */
  watch(node: WatchedDirectory): Promise<void>;
  unwatch(node: WatchedDirectory): void;
  /** What the system has told to have changed since the scan began. */
  settle(): Promise<ReadonlyMap<WatchedDirectory, MarkedNames>>;
  /** The directory has to be read in a later scan. */
  mark(node: WatchedDirectory): void;
}

interface NewEntry {
  readonly parent: WatchedDirectory;
  readonly name: string;
  readonly found: FoundEntry;
  /** The gone entry that has this name now. */
  source?: WatchedNode | undefined;
  /** A directory whose content was read. */
  node?: WatchedDirectory | undefined;
}

export class TreeScan {
  readonly changes: StorageChange[] = [];
  /** The directories that had other entries than the tree, except those that are new. */
  readonly changed = new Set<WatchedDirectory>();
  readonly #tree: ScannedTree;
  readonly #gone = new Set<WatchedNode>();
  readonly #goneByIdentity = new Map<string, WatchedNode[]>();
  readonly #modified: [node: WatchedNode, found: FoundEntry][] = [];
  readonly #new: NewEntry[] = [];
  readonly #newNames = new Map<WatchedDirectory, Set<string>>();
  readonly #entered = new Set<WatchedDirectory>();
  readonly #sources = new Set<WatchedNode>();

  constructor(tree: ScannedTree) {
    this.#tree = tree;
  }

  /** Brings the tree up to date in these directories. Rejects with ENOENT if the watched directory is gone. */
  async run(marked: ReadonlyMap<WatchedDirectory, MarkedNames>): Promise<void> {
    await this.#readAll(marked);
    // The other half of a rename may have been told meanwhile.
    if (this.#gone.size > 0) await this.#readAll(await this.#tree.settle());
    // It grows while it is read.
    for (const fresh of this.#new) if (fresh.found.entry.kind === 'directory') await this.#enter(fresh);
    for (const fresh of this.#new) if (fresh.found.entry.kind === 'file') this.#pair(fresh);
    this.#applyNew();
    for (const node of this.#gone) if (isAttached(node, this.#tree.root)) this.#remove(node);
    for (const [node, found] of this.#modified)
      if (isAttached(node, this.#tree.root)) this.#modify(node, found);
  }

  async #readAll(marked: ReadonlyMap<WatchedDirectory, MarkedNames>): Promise<void> {
    for (const [node, names] of marked) if (isAttached(node, this.#tree.root)) await this.#read(node, names);
  }

  async #read(node: WatchedDirectory, names: MarkedNames): Promise<void> {
    const found = await this.#tree.read(node, names);
    if (found) return this.#compare(node, names, found);
    if (!node.parent) throw new TransferError('ENOENT', undefined, { path: this.#tree.top });
    // Its name has changed, which its parent tells.
    this.#tree.mark(node);
    this.#tree.mark(node.parent);
  }

  #compare(node: WatchedDirectory, names: MarkedNames, found: Map<string, FoundEntry>): void {
    const known = names
      ? [...names].flatMap((name) => node.children.get(name) ?? [])
      : node.children.values();
    for (const child of known) {
      const now = found.get(child.name);
      if (!now) this.#addGone(child);
      else if (isSameNode(child, now)) {
        this.#gone.delete(child);
        if (child.found.stamp === now.stamp) continue;
        this.#modified.push([child, now]);
      } else {
        this.#addGone(child);
        this.#addNew({ parent: node, name: child.name, found: now });
      }
      this.#note(node);
    }
    for (const [name, now] of found) {
      if (node.children.has(name)) continue;
      this.#addNew({ parent: node, name, found: now });
      this.#note(node);
    }
  }

  /** A name that was read twice is new once. */
  #addNew(fresh: NewEntry): void {
    const names = this.#newNames.get(fresh.parent) ?? new Set();
    if (names.has(fresh.name)) return this.#tree.mark(fresh.parent);
    this.#newNames.set(fresh.parent, names.add(fresh.name));
    this.#new.push(fresh);
  }

  #addGone(node: WatchedNode): void {
    this.#gone.add(node);
    this.#index(node);
    // What was in it may have been moved out before.
    if (isWatched(node)) for (const inner of nodesBelow(node)) this.#index(inner);
  }

  #index(node: WatchedNode): void {
    const { identity } = node.found;
    const others = this.#goneByIdentity.get(identity);
    if (others) others.push(node);
    else this.#goneByIdentity.set(identity, [node]);
  }

  #note(node: WatchedDirectory): void {
    if (!this.#entered.has(node)) this.changed.add(node);
  }

  /** Pairs a new directory with a gone one, or reads its content. */
  async #enter(fresh: NewEntry): Promise<void> {
    this.#pair(fresh);
    if (fresh.source || !this.#tree.recursive) return;
    const { parent, name, found } = fresh;
    fresh.node = { kind: 'directory', name, parent, found, children: new Map(), watcher: undefined };
    this.#entered.add(fresh.node);
    await this.#tree.watch(fresh.node);
    const content = await this.#tree.read(fresh.node, undefined);
    if (content) this.#compare(fresh.node, undefined, content);
    else this.#tree.mark(fresh.node);
  }

  #pair(fresh: NewEntry): void {
    const { identity, entry } = fresh.found;
    const gone = this.#goneByIdentity.get(identity) ?? [];
    for (let node = gone.pop(); node; node = gone.pop()) {
      if (node.kind !== entry.kind || !this.#isGone(node)) continue;
      fresh.source = node;
      this.#sources.add(node);
      return;
    }
  }

  /** Whether an entry, or the directory that it was in, is gone and has no other name. */
  #isGone(node: WatchedNode): boolean {
    for (let at: WatchedNode | undefined = node; at; at = at.parent)
      if (this.#gone.has(at)) return !this.#sources.has(at);
    return false;
  }

  /** Adds new entries in an order in which each name is free: `log.1` becomes `log.2` before `log` becomes `log.1`. */
  #applyNew(): void {
    let waiting: readonly NewEntry[] = this.#new;
    while (waiting.length > 0) {
      const later = waiting.filter((fresh) => !this.#add(fresh));
      if (later.length === waiting.length && !this.#breakCircle(later)) return;
      waiting = later;
    }
  }

  /** Of entries that have changed their names with each other, one counts as new. */
  #breakCircle(waiting: readonly NewEntry[]): boolean {
    const one = waiting.find(({ source }) => source);
    if (!one?.source) return false;
    this.#sources.delete(one.source);
    one.source = undefined;
    const { parent, name, found } = one;
    if (found.entry.kind !== 'directory' || !this.#tree.recursive) return true;
    one.node = { kind: 'directory', name, parent, found, children: new Map(), watcher: undefined };
    this.#tree.mark(one.node);
    return true;
  }

  /** Returns false if something has to happen before. */
  #add(fresh: NewEntry): boolean {
    const { parent, name, source } = fresh;
    if (!isAttached(parent, this.#tree.root)) return false;
    const occupant = parent.children.get(name);
    if (occupant && occupant !== source && this.#sources.has(occupant)) return false;
    const replacesFile = occupant?.kind === 'file' && fresh.found.entry.kind === 'file';
    if (occupant && !replacesFile) {
      if (this.#hasSourceBelow(occupant)) return false;
      this.#remove(occupant);
    }
    if (source) this.#move(source, fresh);
    else this.#create(fresh, replacesFile);
    return true;
  }

  /** Whether something is still to be moved out of a directory. */
  #hasSourceBelow(node: WatchedNode): boolean {
    return isWatched(node) && [...this.#sources].some((source) => isBelow(source, node));
  }

  #create({ parent, name, found, node }: NewEntry, replacesFile: boolean): void {
    const created: WatchedNode = node ?? { kind: found.entry.kind, name, parent, found };
    parent.children.set(name, created);
    const entry = entryOf(created, this.#tree.top);
    this.changes.push({ event: replacesFile ? 'changed' : 'created', entry });
  }

  #move(node: WatchedNode, { parent, name, found }: NewEntry): void {
    const { top } = this.#tree;
    const from = pathOf(node, top);
    this.#sources.delete(node);
    this.#gone.delete(node);
    node.parent?.children.delete(node.name);
    Object.assign(node, { parent, name, found });
    parent.children.set(name, node);
    this.changes.push({ event: 'renamed', entry: entryOf(node, top), from });
  }

  #modify(node: WatchedNode, found: FoundEntry): void {
    node.found = found;
    this.changes.push({ event: 'changed', entry: entryOf(node, this.#tree.top) });
  }

  #remove(node: WatchedNode): void {
    this.changes.push({ event: 'removed', path: pathOf(node, this.#tree.top) });
    node.parent?.children.delete(node.name);
    if (!isWatched(node)) return;
    this.#tree.unwatch(node);
    for (const inner of nodesBelow(node)) if (isWatched(inner)) this.#tree.unwatch(inner);
  }
}

function isBelow(node: WatchedNode, directory: WatchedDirectory): boolean {
  for (let at = node.parent; at; at = at.parent) if (at === directory) return true;
  return false;
}

function isSameNode(node: WatchedNode, { identity, entry }: FoundEntry): boolean {
  return node.kind === entry.kind && node.found.identity === identity;
}
