/**
 * A directory of the server as a target: local files are uploaded.
 *
 *     transfer -> target as planned? -> backup -> source as planned? -> uploadFile with ifMatch or overwrite: false
 *                                                 source changed meanwhile -> once more -> 'changed'
 */
import { pipeline } from 'node:stream/promises';
import { TransferError } from '../../../../errors.js';
import { hasErrno, unlessMissing } from '../../../../fs/errno.js';
import type { FileEntry } from '../../../../protocol/entry.js';
import { isWeakEtag } from '../../../../protocol/weak-etag.js';
import {
  parseRemotePath,
  REMOTE_ROOT,
  splitPath,
  type RemotePath,
} from '../../../../protocol/remote-path.js';
import type {
  AppendAction,
  CopyAction,
  DeleteAction,
  MakeDirectoryAction,
  RenameAction,
  SyncVersion,
  TouchAction,
  TransferAction,
} from '../../sync-action.js';
import type { UploadConditions } from '../../../streams/upload-stream.js';
import type { SyncEnd } from '../sync-client.js';
import type { ActionProgress } from '../sync-progress.js';
import type { LocalSourceTree } from '../source/local-source-tree.js';
import { PlannedUploads } from '../source/planned-uploads.js';
import type { PlannedUpload } from '../source/small-uploads.js';
import type { SmallFileSender } from '../small-files/small-file-sender.js';
import { isVersion, type Carried, type SettleTransfer, type SyncTarget } from './sync-target.js';

export interface RemoteTargetPlan {
  readonly root: RemotePath;
  readonly source: LocalSourceTree;
  readonly backupDirectory: RemotePath | undefined;
  readonly flush: boolean;
  /** Whether a file that differs from the plan is not sent. */
  readonly isStrict: boolean;
}

/** Backup directories that are known to exist. */
const MAX_KNOWN = 1_024;

export class RemoteTarget implements SyncTarget {
  readonly #end: SyncEnd;
  readonly #plan: RemoteTargetPlan;
  readonly #uploads: PlannedUploads;
  readonly #madeBackups = new Set<string>();
  #root: Promise<void> | undefined;

  constructor(end: SyncEnd, plan: RemoteTargetPlan, sender: SmallFileSender) {
    this.#end = end;
    this.#plan = plan;
    this.#uploads = new PlannedUploads(end, plan, sender);
  }

  async makeDirectory({ path }: MakeDirectoryAction): Promise<void> {
    await this.#makeRoot();
    if (path === '') return;
    // With `recursive`, a directory that exists is no error, so that the request is repeated after a lost connection.
    await this.#end.client.mkdir(this.#at(path), { recursive: true, ...this.#options });
  }

  async transfer(action: TransferAction, progress: ActionProgress): Promise<Carried> {
    await this.#makeRoot();
    const remote = this.#at(action.path);
    const conditions = await this.#replace(action.path, action.target);
    return this.#uploads.send({ ...action, remote, conditions }, progress);
  }

  async transferSmall(
    actions: readonly TransferAction[],
    settle: SettleTransfer,
  ): Promise<readonly TransferAction[]> {
    const left: TransferAction[] = [];
    const files: SmallUploadAction[] = [];
    for (const action of actions) {
      const file = this.#smallUpload(action);
      if (file) files.push(file);
      else left.push(action);
    }
    try {
      await this.#makeRoot();
    } catch {
      // Each file fails with it.
      return actions;
    }
    const rest = await this.#uploads.sendSmall(files, ({ action }, outcome) => settle(action, outcome));
    return [...left, ...rest.map(({ action }) => action)];
  }

  async append(action: AppendAction, progress: ActionProgress): Promise<Carried> {
    const { path, source, target } = action;
    // The condition guards the beginning; without it all is sent.
    if (!isStrong(target.etag))
      return this.transfer({ ...action, kind: 'transfer', reason: 'size' }, progress);
    const remote = this.#at(path);
    const { ifMatch } = await this.#replace(path, target);
    const upload = this.#end.client.append(remote, { ifMatch, flush: this.#plan.flush, ...this.#options });
    try {
      await pipeline(this.#plan.source.tail(action, target.size), upload);
    } catch (error) {
      if (hasErrno(error, 'ESTALE') && (await this.#plan.source.differs(action))) return 'changed';
      throw error;
    }
    await this.#setTimes(remote, source);
    progress.finish();
    return 'done';
  }

  async copy({ path, from, origin, source, target }: CopyAction): Promise<void> {
    await this.#makeRoot();
    await this.#assertOrigin(from, origin);
    const remote = this.#at(path);
    await this.#replace(path, target);
    await this.#end.client.copy(this.#at(from), remote, {
      overwrite: target !== undefined,
      ...this.#options,
    });
    await this.#setTimes(remote, source);
  }

  async rename({ path, from, origin, source }: RenameAction): Promise<void> {
    await this.#assertOrigin(from, origin);
    const remote = this.#at(path);
    await this.#end.client.rename(this.#at(from), remote, this.#options);
    await this.#setTimes(remote, source);
  }

  async touch({ path, source, target, reason }: TouchAction): Promise<void> {
    const remote = this.#at(path);
    // The root of a storage keeps its own times.
    if (remote === REMOTE_ROOT) return;
    const entry = await this.#end.client.stat(remote, this.#options);
    // The actions before have changed the time of a directory.
    if (entry.kind === 'file' && target) assertVersion(target, entry);
    await this.#setTimes(remote, source, reason);
  }

  async delete({ path, entry, target }: DeleteAction): Promise<void> {
    const { client } = this.#end;
    const remote = this.#at(path);
    if (path === '') throw new TransferError('EINVAL', 'The root of a target is never deleted.');
    const found = await unlessMissing(client.stat(remote, this.#options));
    if (!found) return;
    if (found.kind !== entry || (entry === 'file' && target && !isSame(target, found)))
      throw new TransferError('ESTALE', undefined, { path: remote });
    if (entry === 'directory' || !this.#plan.backupDirectory) return client.remove(remote, this.#options);
    await client.rename(remote, await this.#backupOf(path), { overwrite: true, ...this.#options });
  }

  async close(): Promise<void> {
    // Nothing is open.
  }

  get #options(): { signal: AbortSignal | undefined } {
    return { signal: this.#end.scope.signal };
  }

  #at(path: string): RemotePath {
    if (path === '') return this.#plan.root;
    return parseRemotePath(this.#plan.root === REMOTE_ROOT ? path : `${this.#plan.root}/${path}`);
  }

  /** Creates the root, once. */
  #makeRoot(): Promise<void> {
    if (this.#plan.root === REMOTE_ROOT) return Promise.resolve();
    this.#root ??= this.#end.client.mkdir(this.#plan.root, { recursive: true, ...this.#options });
    return this.#root;
  }

  /** Otherwise another content would get the time of the source, and count as equal from then on. */
  async #assertOrigin(from: string, origin: SyncVersion | undefined): Promise<void> {
    if (origin) assertVersion(origin, await this.#end.client.stat(this.#at(from), this.#options));
  }

  /** Undefined for an upload that takes other requests, or has a path that is refused. */
  #smallUpload(action: TransferAction): SmallUploadAction | undefined {
    const { path, localPath, source, target } = action;
    if (target && (!isStrong(target.etag) || this.#plan.backupDirectory)) return undefined;
    const conditions = target ? { ifMatch: target.etag } : { overwrite: false };
    try {
      return { action, path, localPath, source, remote: this.#at(path), conditions };
    } catch {
      return undefined;
    }
  }

  /** The condition for a file that replaces the planned one, which is kept in the backup. ESTALE for another one. */
  async #replace(path: string, target: SyncVersion | undefined): Promise<UploadConditions> {
    if (!target) return { overwrite: false };
    const { client } = this.#end;
    const remote = this.#at(path);
    const hasCondition = isStrong(target.etag);
    if (!hasCondition || this.#plan.backupDirectory) {
      const found = await client.stat(remote, this.#options);
      assertVersion(target, found);
    }
    if (this.#plan.backupDirectory) {
      // A copy: the older file stands until the new one is complete.
      const backup = await this.#backupOf(path);
      const copy = await client.copy(remote, backup, { overwrite: true, ...this.#options });
      if (target.mtimeMs !== undefined && copy.mtime.getTime() !== target.mtimeMs)
        await client.utimes(backup, new Date(target.mtimeMs), this.#options);
    }
    return hasCondition ? { ifMatch: target.etag } : {};
  }

  /** The path of a backup, with its parents. */
  async #backupOf(path: string): Promise<RemotePath> {
    const backup = this.#at(`${this.#plan.backupDirectory}/${path}`);
    const { directory } = splitPath(backup);
    if (this.#madeBackups.has(directory)) return backup;
    await this.#end.client.mkdir(directory, { recursive: true, ...this.#options });
    if (this.#madeBackups.size >= MAX_KNOWN) this.#madeBackups.clear();
    this.#madeBackups.add(directory);
    return backup;
  }

  async #setTimes(
    remote: RemotePath,
    { mtimeMs, mode }: SyncVersion,
    reason: TouchAction['reason'] = 'mtime-and-mode',
  ): Promise<void> {
    const { client } = this.#end;
    if (mode !== undefined && reason !== 'mtime') {
      await client.chmod(remote, mode, this.#options).catch((error: unknown) => {
        // A storage without permission bits.
        if (!hasErrno(error, 'ENOTSUP')) throw error;
      });
    }
    if (mtimeMs !== undefined && reason !== 'mode')
      await client.utimes(remote, new Date(mtimeMs), this.#options);
  }
}

interface SmallUploadAction extends PlannedUpload {
  readonly action: TransferAction;
}

function isStrong(etag: string | undefined): etag is string {
  return etag !== undefined && !isWeakEtag(etag);
}

/** Whether an entry is the planned version. */
function isSame(planned: SyncVersion, { size, mtime, etag }: FileEntry): boolean {
  // An etag also tells a change that has left size and time as they were.
  if (isStrong(planned.etag) && isStrong(etag)) return planned.etag === etag;
  return isVersion(planned, { size, mtimeMs: mtime.getTime() });
}

function assertVersion(planned: SyncVersion, found: FileEntry): void {
  if (found.kind !== 'file' || !isSame(planned, found))
    throw new TransferError('ESTALE', 'The target has changed since the plan was made.', {
      path: found.path,
    });
}
