/** The entries of a watched directory as they were told, as a tree: a renamed directory takes its content along. */
import type { FSWatcher } from 'node:fs';
import type { FileEntry, FileKind } from '../../../protocol/entry.js';
import { joinRemotePath, type RemotePath } from '../../../protocol/remote-path.js';

/** An entry as it was read. */
export interface FoundEntry {
  /** Its path at that time. */
  readonly entry: FileEntry;
  /** The same for all names that the file or directory has had, and for no other one. */
  readonly identity: string;
  /** Changes with the content and the metadata of a file. */
  readonly stamp: string;
}

/** A file, or a directory whose content is not watched. */
export interface WatchedNode {
  name: string;
  /** Undefined for the watched directory itself. */
  parent: WatchedDirectory | undefined;
  found: FoundEntry;
  readonly kind: FileKind;
}

/** A directory whose content is watched. */
export interface WatchedDirectory extends WatchedNode {
  readonly children: Map<string, WatchedNode>;
  /** Undefined if the system has no watcher for it: it is read at intervals. */
  watcher: FSWatcher | undefined;
}

export function isWatched(node: WatchedNode): node is WatchedDirectory {
  return 'children' in node;
}

/** The present path of a node. */
export function pathOf(node: WatchedNode, top: RemotePath): RemotePath {
  return node.parent ? joinRemotePath(pathOf(node.parent, top), node.name) : top;
}

/** The entry of a node, at its present path. */
export function entryOf(node: WatchedNode, top: RemotePath): FileEntry {
  const path = pathOf(node, top);
  const { entry } = node.found;
  return entry.path === path ? entry : { ...entry, path };
}

/** All nodes below a directory, each directory before its content. */
export function* nodesBelow(top: WatchedDirectory): Generator<WatchedNode> {
  const waiting = [top];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    for (const child of next.children.values()) {
      if (isWatched(child)) waiting.push(child);
      yield child;
    }
  }
}

/** Whether a node still belongs to a tree. */
export function isAttached(node: WatchedNode, root: WatchedDirectory): boolean {
  for (let at = node; at !== root; at = at.parent) {
    if (at.parent?.children.get(at.name) !== at) return false;
  }
  return true;
}
