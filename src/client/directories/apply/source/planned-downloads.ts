/** Downloads files of the server, in the version that a plan names, into local files. */
import { TransferError } from '../../../../errors.js';
import nodeFs from 'node:fs';
import { hasErrno } from '../../../../fs/errno.js';
import { parseRemotePath, REMOTE_ROOT, type RemotePath } from '../../../../protocol/remote-path.js';
import { downloadFile } from '../../../local/download-file.js';
import type { Progress } from '../../../request/progress.js';
import type { DownloadOptions } from '../../../streams/download.js';
import type { AppendAction, SyncVersion, TransferAction } from '../../sync-action.js';
import {
  MAX_SMALL_BYTES,
  type SmallDownloaded,
  type SmallFileSender,
} from '../small-files/small-file-sender.js';
import type { SyncEnd } from '../sync-client.js';
import type { ActionProgress } from '../sync-progress.js';
import { asyncCalls } from '../target/file-calls.js';
import { copyBytes, writeAll } from '../target/write-all.js';
import { type LocalFiles } from '../target/local-files.js';
import { assertPlanned } from '../target/write-small-file.js';
import { fsPath, localPathOf } from '../target/named-place.js';
import type { Carried } from '../target/sync-target.js';
import { isPlanned, strongEtag } from './strong-etag.js';
import { filePlanOf, SmallDownloads } from './small-downloads.js';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = nodeFs.constants;

/** How files are downloaded. */
export interface DownloadRules {
  readonly root: RemotePath;
  readonly flush: boolean;
  /** Whether a file that differs from the plan is not downloaded. */
  readonly isStrict: boolean;
}

export class PlannedDownloads {
  readonly #end: SyncEnd;
  readonly #rules: DownloadRules;
  readonly #sender: SmallFileSender;
  readonly #small: SmallDownloads;

  constructor(end: SyncEnd, rules: DownloadRules, sender: SmallFileSender) {
    this.#end = end;
    this.#rules = rules;
    this.#sender = sender;
    this.#small = new SmallDownloads({ scope: end.scope, sender, at: (path) => this.#at(path) });
  }

  /** As `SmallDownloads.receive`. */
  receiveSmall(...args: Parameters<SmallDownloads['receive']>): ReturnType<SmallDownloads['receive']> {
    return this.#small.receive(...args);
  }

  /** Downloads a whole file. */
  async receive(files: LocalFiles, action: TransferAction, progress: ActionProgress): Promise<Carried> {
    for (const planned of this.#rules.isStrict ? [action.source] : [action.source, undefined]) {
      if (!(await this.#attempt(files, { action, progress, planned }))) continue;
      progress.finish();
      return 'done';
    }
    return 'changed';
  }

  /** Downloads the end of a file whose beginning the target has. */
  async receiveTail(files: LocalFiles, action: AppendAction, progress: ActionProgress): Promise<Carried> {
    const { path, source, target } = action;
    const ifMatch = strongEtag(source);
    // Without a condition, the end may be that of another version.
    if (ifMatch === undefined)
      return this.receive(files, { ...action, kind: 'transfer', reason: 'size' }, progress);
    const range = { offset: target.size, length: source.size - target.size, ifMatch };
    const local = localPathOf(action);
    const plan = { path: local, target, mtimeMs: source.mtimeMs, mode: source.mode };
    return unlessChanged(async () => {
      await files.use(local, async (entry) => {
        const beginning = await nodeFs.promises.open(fsPath(entry.path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
        try {
          await files.create(plan, async (fd) => {
            await copyBytes(beginning, fd, target.size);
            await this.#stream(path, range, fd);
          });
        } finally {
          await beginning.close();
        }
      });
      progress.finish();
    });
  }

  /** Returns false if the file on the server is not the planned version, or changes meanwhile. */
  async #attempt(files: LocalFiles, attempt: Attempt): Promise<boolean> {
    const { action, planned } = attempt;
    if (action.source.size > MAX_SMALL_BYTES) return this.#attemptLarge(files, attempt);
    const file = await this.#fetch(action.path, planned);
    if (!file) return planned ? false : this.#attemptLarge(files, attempt);
    await files.createSmall(filePlanOf(action, localPathOf(action), file.entry), file.bytes);
    return true;
  }

  /** Undefined if the file is not the planned version, or is not small any more. */
  async #fetch(path: string, planned: SyncVersion | undefined): Promise<SmallDownloaded | undefined> {
    try {
      const ifMatch = planned && strongEtag(planned);
      const file = await this.#sender.download({
        path: this.#at(path),
        ifMatch,
        size: planned?.size,
      });
      return planned && !isPlanned(planned, file.entry) ? undefined : file;
    } catch (error) {
      if (hasErrno(error, 'ESTALE', 'EFBIG')) return undefined;
      throw error;
    }
  }

  async #attemptLarge(files: LocalFiles, { action, progress, planned }: Attempt): Promise<boolean> {
    const { path } = action;
    if (planned && !isPlanned(planned, await this.#end.client.stat(this.#at(path), this.#options)))
      return false;
    const outcome = await unlessChanged(() => this.#receiveLarge(files, action, progress));
    return outcome === 'done';
  }

  async #receiveLarge(files: LocalFiles, action: TransferAction, progress: ActionProgress): Promise<void> {
    const { path, target } = action;
    const local = localPathOf(action);
    const localPath = files.absolute(local);
    const { mtimeMs, mode } = action.source;
    // A name that no string can hold: the download cannot be resumed.
    if (localPath === undefined)
      return files.create({ path: local, target, mtimeMs, mode }, (fd) => this.#stream(path, {}, fd));
    const overwrite = target !== undefined;
    const onProgress = ({ bytes }: Progress): void => progress.reach(bytes);
    const preserveMode = mode !== undefined;
    const options = { overwrite, preserveMode, flush: this.#rules.flush, onProgress, ...this.#options };
    const publishing = new TargetCheck(files, local, target);
    await publishing.check();
    const beforePublish = (): Promise<void> => publishing.prepare();
    const places = { path: this.#at(path), localPath, beforePublish };
    try {
      await ofSource(downloadFile(this.#end.context, places, options));
    } catch (error) {
      throw publishing.refusal ?? error;
    }
  }

  async #stream(path: string, range: DownloadOptions, fd: number): Promise<void> {
    const download = this.#end.client.download(this.#at(path), { ...range, ...this.#options });
    const reading = async (): Promise<void> => {
      for await (const piece of download) await writeAll(asyncCalls, fd, piece as Buffer);
    };
    await ofSource(reading());
  }

  get #options(): { signal: AbortSignal | undefined } {
    return { signal: this.#end.scope.signal };
  }

  #at(path: string): RemotePath {
    return parseRemotePath(this.#rules.root === REMOTE_ROOT ? path : `${this.#rules.root}/${path}`);
  }
}

interface Attempt {
  readonly action: TransferAction;
  readonly progress: ActionProgress;
  /** The version to download; undefined: the present one. */
  readonly planned: SyncVersion | undefined;
}

/** Whether a target is as planned: before a large download, and again after it, which may be an hour later. */
class TargetCheck {
  /** Of the target: it would look like an error of the source. */
  refusal: Error | undefined;
  readonly #files: LocalFiles;
  readonly #path: string;
  readonly #planned: SyncVersion | undefined;

  constructor(files: LocalFiles, path: string, planned: SyncVersion | undefined) {
    this.#files = files;
    this.#path = path;
    this.#planned = planned;
  }

  check(): Promise<void> {
    return this.#files.use(this.#path, async ({ stats }) => assertPlanned(this.#planned, stats));
  }

  /** Checks the target again, and keeps it in the backup. */
  async prepare(): Promise<void> {
    try {
      await this.check();
      if (this.#planned) await this.#files.keepInBackup(this.#path);
    } catch (error) {
      this.refusal = error as Error;
      throw error;
    }
  }
}

/** The errors of sources that have changed: ESTALE, of which the target is no cause. */
const sourceChanges = new WeakSet<object>();

/** Awaits a download. Rejects with one of the `sourceChanges` if the file on the server changes. */
async function ofSource(downloading: Promise<unknown>): Promise<void> {
  try {
    await downloading;
  } catch (cause) {
    if (!hasErrno(cause, 'ESTALE', 'ERANGE')) throw cause;
    const change = new TransferError('ESTALE', 'The source has changed.', { cause });
    sourceChanges.add(change);
    throw change;
  }
}

async function unlessChanged(work: () => Promise<void>): Promise<Carried> {
  try {
    await work();
    return 'done';
  } catch (error) {
    if (TransferError.is(error) && sourceChanges.has(error)) return 'changed';
    throw error;
  }
}
