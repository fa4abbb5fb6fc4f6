/** A source and a target directory, one on a server and one on this side. */
import fs from 'node:fs/promises';
import path from 'node:path';
import {
  DirectoryStorage,
  type CodecName,
  type FileClient,
  type Storage,
  type SyncAction,
  type SyncOutcome,
  type SyncPlace,
  type SyncVersion,
} from '../../../src/index.js';
import { serve, temporaryDirectory } from '../servers/serve.js';
import { writeTree, type TreeContent } from './tree.js';

export type Direction = 'upload' | 'download';

export const DIRECTIONS: readonly Direction[] = ['upload', 'download'];

export interface Sides {
  readonly client: FileClient;
  /** The directory on disk of each side. */
  readonly source: string;
  readonly target: string;
  readonly from: SyncPlace;
  readonly to: SyncPlace;
  readonly port: number;
}

export interface SidesOptions {
  readonly source?: TreeContent;
  readonly target?: TreeContent;
  readonly codec?: CodecName;
  /** The storage of the server, by default its directory. */
  readonly wrap?: (storage: DirectoryStorage) => Storage;
}

/** Writes both directories, and serves the one of the server in its subdirectory `tree`. */
export async function sides(direction: Direction, options: SidesOptions = {}): Promise<Sides> {
  const { source = {}, target = {}, codec = 'binary', wrap = (storage) => storage } = options;
  const root = await temporaryDirectory();
  const remote = path.join(root, 'tree');
  const local = path.join(await temporaryDirectory(), 'tree');
  await Promise.all([remote, local].map((directory) => fs.mkdir(directory)));
  const isUpload = direction === 'upload';
  await writeTree(isUpload ? local : remote, source);
  await writeTree(isUpload ? remote : local, target);
  const { connect, port } = await serve({ storage: wrap(new DirectoryStorage(root, { flush: false })) });
  const client = connect({ codec });
  const [near, far] = [{ local }, { remote: 'tree' }];
  return isUpload
    ? { client, source: local, target: remote, from: near, to: far, port }
    : { client, source: remote, target: local, from: far, to: near, port };
}

/** The version of a file or directory, as a plan names it. The server's etag is left out. */
export async function versionAt(directory: string, below: string): Promise<SyncVersion> {
  const { size, mtimeMs, mode } = await fs.stat(path.join(directory, below));
  return { size, mtimeMs: Math.round(mtimeMs), mode: mode & 0o777 };
}

/** Records what has become of each action. */
export function recorded(): {
  outcomes: string[];
  onAction: (action: SyncAction, outcome: SyncOutcome) => void;
} {
  const outcomes: string[] = [];
  const onAction = ({ kind, path: below }: SyncAction, { status, error }: SyncOutcome): void =>
    void outcomes.push([kind, below, status, error?.code].filter((word) => word !== undefined).join(' '));
  return { outcomes, onAction };
}
