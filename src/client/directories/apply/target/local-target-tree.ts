/**
 * A local directory as a target: files of the server are downloaded.
 *
 *     small: SmallFileSender -> verified bytes in memory -> LocalFiles.create
 *     other: downloadFile, which resumes -> the target
 *     another version on the server -> once more, in the present version -> 'changed'
 */
import nodeFs from 'node:fs';
import { TransferError } from '../../../../errors.js';
import { toLocalError } from '../../../local/local-error.js';
import type {
  AppendAction,
  CopyAction,
  DeleteAction,
  MakeDirectoryAction,
  RenameAction,
  TouchAction,
  TransferAction,
} from '../../sync-action.js';
import type { PlannedDownloads } from '../source/planned-downloads.js';
import type { ActionProgress } from '../sync-progress.js';
import { LocalFiles, type LocalEntry, type LocalFileRules } from './local-files.js';
import { assertPlanned } from './write-small-file.js';
import { fsPath, localPathOf, type NamedPlace } from './named-place.js';
import { isVersion, type Carried, type SettleTransfer, type SyncTarget } from './sync-target.js';
import { copyBytes } from './write-all.js';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = nodeFs.constants;

export interface LocalTargetPlan extends LocalFileRules {
  /** An absolute path. */
  readonly root: string;
}

export class LocalTargetTree implements SyncTarget {
  readonly #plan: LocalTargetPlan;
  readonly #downloads: PlannedDownloads;
  #opening: Promise<LocalFiles> | undefined;

  constructor(plan: LocalTargetPlan, downloads: PlannedDownloads) {
    this.#plan = plan;
    this.#downloads = downloads;
  }

  makeDirectory(action: MakeDirectoryAction): Promise<void> {
    return this.#locally(action, async (files, path) => {
      if (path !== '') await files.makeDirectory(path);
    });
  }

  transfer(action: TransferAction, progress: ActionProgress): Promise<Carried> {
    return this.#locally(action, (files) => this.#downloads.receive(files, action, progress));
  }

  async transferSmall(
    actions: readonly TransferAction[],
    settle: SettleTransfer,
  ): Promise<readonly TransferAction[]> {
    this.#opening ??= LocalFiles.open(this.#plan.root, this.#plan);
    // Each file fails with the same error.
    const files = await this.#opening.catch(() => undefined);
    return files ? this.#downloads.receiveSmall(files, actions, settle) : actions;
  }

  append(action: AppendAction, progress: ActionProgress): Promise<Carried> {
    return this.#locally(action, (files) => this.#downloads.receiveTail(files, action, progress));
  }

  copy(action: CopyAction): Promise<void> {
    const { source, target, origin } = action;
    return this.#locally(action, async (files, path) => {
      const from = localPathOf({ path: action.from, localPath: action.localFrom });
      const plan = { path, target, mtimeMs: source.mtimeMs, mode: source.mode };
      await files.use(from, async (entry) => {
        const handle = await nodeFs.promises.open(fsPath(entry.path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
        try {
          await files.create(plan, async (fd) => {
            await copyBytes(handle, fd, source.size);
            if (origin) assertPlanned(origin, await handle.stat());
          });
        } finally {
          await handle.close();
        }
      });
    });
  }

  rename(action: RenameAction): Promise<void> {
    return this.#locally(action, async (files, path) => {
      const from = localPathOf({ path: action.from, localPath: action.localFrom });
      await files.use(from, (origin) =>
        files.use(path, async (entry) => {
          const isSame = entry.stats?.ino === origin.stats?.ino && entry.stats?.dev === origin.stats?.dev;
          // On a file system that ignores case, both names are of one file.
          if (entry.stats && !isSame) assertPlanned(undefined, entry.stats);
          if (action.origin) assertPlanned(action.origin, origin.stats);
          await files.rename(origin, entry);
        }),
      );
      await files.forget(from);
      await files.use(path, (entry) => files.touch(entry, action.source));
    });
  }

  touch(action: TouchAction): Promise<void> {
    const { source, target, reason } = action;
    const wanted = {
      mtimeMs: reason === 'mode' ? undefined : source.mtimeMs,
      mode: reason === 'mtime' ? undefined : source.mode,
    };
    return this.#locally(action, async (files, path) => {
      if (path === '') return files.touchRoot(wanted);
      await files.use(path, async (entry) => {
        if (!entry.stats) assertPlanned(source, undefined);
        if (entry.stats?.isSymbolicLink()) throw new TransferError('ELOOP');
        // The actions before have changed the time of a directory.
        if (target && entry.stats?.isFile()) assertPlanned(target, entry.stats);
        await files.touch(entry, wanted);
      });
    });
  }

  delete(action: DeleteAction): Promise<void> {
    if (action.path === '') throw new TransferError('EINVAL', 'The root of a target is never deleted.');
    return this.#locally(action, (files, path) =>
      files.use(path, async (entry) => {
        if (!entry.stats) return;
        assertDeletable(action, entry);
        if (action.entry === 'file' && this.#plan.backupDirectory !== undefined)
          return files.moveToBackup(path);
        await files.remove(entry, action.entry, path);
      }),
    );
  }

  async close(): Promise<void> {
    const files = await this.#opening?.catch(() => undefined);
    await files?.close();
  }

  /** Does work with the checked local path of an action. */
  async #locally<Value>(
    action: NamedPlace,
    work: (files: LocalFiles, path: string) => Promise<Value>,
  ): Promise<Value> {
    const path = localPathOf(action);
    this.#opening ??= LocalFiles.open(this.#plan.root, this.#plan);
    try {
      return await work(await this.#opening, path);
    } catch (error) {
      throw error instanceof TransferError ? error : toLocalError(path, error);
    }
  }
}

function assertDeletable({ entry, target }: DeleteAction, { stats }: LocalEntry): void {
  const isPlanned =
    entry === 'directory' ? stats?.isDirectory() : stats?.isFile() && (!target || isVersion(target, stats));
  if (!isPlanned) throw new TransferError('ESTALE', 'The target has changed since the plan was made.');
}
