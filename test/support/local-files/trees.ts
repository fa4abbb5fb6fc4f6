/** A directory on this side and one of a server, for plans that compare both. */
import fs from 'node:fs/promises';
import path from 'node:path';
import {
  DirectoryStorage,
  type FileClient,
  type FileClientOptions,
  type SyncAction,
  type SyncPlace,
} from '../../../src/index.js';
import { serve, temporaryDirectory, type Served } from '../servers/serve.js';

/** Contents by path. A path with `/` at the end is a directory. */
export type TreeFiles = Record<string, string | Uint8Array>;

/** The time of all files and directories, in ms: long ago, so that times decide. */
export const LONG_AGO_MS = 1_600_000_000_000;

export interface Trees extends Served {
  readonly client: FileClient;
  readonly local: string;
  readonly remote: string;
  /** The arguments of a plan from this side to the server, and back. */
  readonly up: [SyncPlace, SyncPlace];
  readonly down: [SyncPlace, SyncPlace];
}

/** Makes two trees and a server of the second one. */
export async function trees(
  { local = {}, remote = {} }: { local?: TreeFiles; remote?: TreeFiles },
  options: FileClientOptions = {},
): Promise<Trees> {
  const roots = [await temporaryDirectory(), await temporaryDirectory()] as const;
  await writeTree(roots[0], local);
  await writeTree(roots[1], remote);
  const served = await serve({ storage: new DirectoryStorage(roots[1]) });
  const places: [SyncPlace, SyncPlace] = [{ local: roots[0] }, { remote: '/' }];
  return {
    ...served,
    client: served.connect(options),
    local: roots[0],
    remote: roots[1],
    up: places,
    down: [places[1], places[0]],
  };
}

/** Writes files and directories, which all have the time {@link LONG_AGO_MS}. */
export async function writeTree(root: string, files: TreeFiles): Promise<void> {
  for (const [name, data] of Object.entries(files)) {
    const at = path.join(root, name);
    await fs.mkdir(name.endsWith('/') ? at : path.dirname(at), { recursive: true });
    if (!name.endsWith('/')) await fs.writeFile(at, data);
  }
  await makeOld(root);
}

/** Sets the time of everything in a directory, and of the directory. */
export async function makeOld(directory: string, ms = LONG_AGO_MS): Promise<void> {
  for (const entry of await fs.readdir(directory, { withFileTypes: true })) {
    const at = path.join(directory, entry.name);
    if (entry.isDirectory()) await makeOld(at, ms);
    else if (entry.isFile()) await fs.utimes(at, ms / 1_000, ms / 1_000);
  }
  await fs.utimes(directory, ms / 1_000, ms / 1_000);
}

/** All actions of a plan, each in a line: kind, path, reason. */
export async function linesOf(plan: AsyncIterable<SyncAction>, how?: 'exact'): Promise<string[]> {
  const lines: string[] = [];
  for await (const action of plan) {
    const from = 'from' in action ? `${action.from} -> ` : '';
    // A new directory also gets its permission bits, where both sides have them.
    const reason = how === 'exact' ? action.reason : action.reason.replace('mtime-and-mode', 'mtime');
    lines.push(`${action.kind} ${from}${action.path || '.'} ${reason}`);
  }
  return lines;
}

/** Actions up to a failure, and the failure. */
export async function failureOf(
  plan: AsyncIterable<SyncAction>,
): Promise<{ actions: SyncAction[]; error: unknown }> {
  const actions: SyncAction[] = [];
  try {
    for await (const action of plan) actions.push(action);
  } catch (error) {
    return { actions, error };
  }
  return { actions, error: undefined };
}
