/**
 * Uploads local files in the version that a plan names.
 *
 *     small: SmallFileReader -> all bytes -> planned version? -> SmallFileSender
 *     other: LocalSource -> planned version? -> ResumableFileUpload
 *     another version, or a change meanwhile -> once more, in the present version -> 'changed'
 */
import { TransferError } from '../../../../errors.js';
import { hasErrno } from '../../../../fs/errno.js';
import type { RemotePath } from '../../../../protocol/remote-path.js';
import { conditionsFor, type FileUploadSettings } from '../../../local/file-upload-settings.js';
import type { LocalVersion } from '../../../local/local-source.js';
import { uploadLocal, withSmallFile } from '../../../local/upload-file.js';
import type { UploadConditions } from '../../../streams/upload-stream.js';
import type { SyncVersion } from '../../sync-action.js';
import type { SmallFileSender } from '../small-files/small-file-sender.js';
import type { SyncEnd } from '../sync-client.js';
import type { ActionProgress } from '../sync-progress.js';
import { isVersion, type Carried } from '../target/sync-target.js';
import type { LocalSourceTree } from './local-source-tree.js';

/** A file to upload. */
export interface PlannedUpload {
  /** The path in the plan. */
  readonly path: string;
  readonly localPath?: string | undefined;
  readonly remote: RemotePath;
  readonly source: SyncVersion;
  readonly conditions: UploadConditions;
}

/** How files are uploaded. */
export interface UploadRules {
  readonly source: LocalSourceTree;
  readonly flush: boolean;
  /** Whether a file that differs from the plan is not sent. */
  readonly isStrict: boolean;
}

/** Files of at most so many bytes are read whole. */
const MAX_WHOLE_BYTES = 32 * 1024;

export class PlannedUploads {
  readonly #end: SyncEnd;
  readonly #rules: UploadRules;
  readonly #sender: SmallFileSender;

  constructor(end: SyncEnd, rules: UploadRules, sender: SmallFileSender) {
    this.#end = end;
    this.#rules = rules;
    this.#sender = sender;
  }

  async send(file: PlannedUpload, progress: ActionProgress): Promise<Carried> {
    try {
      await this.#attempt(file, progress, (version) => assertPlanned(file.source, version));
      return 'done';
    } catch (error) {
      if (!(await this.#hasChanged(file, error))) throw error;
    }
    if (this.#rules.isStrict) return 'changed';
    try {
      await this.#attempt(file, progress);
      return 'done';
    } catch (error) {
      if (await this.#hasChanged(file, error)) return 'changed';
      throw error;
    }
  }

  #attempt(
    file: PlannedUpload,
    progress: ActionProgress,
    onVersion?: (version: LocalVersion) => void,
  ): Promise<void> {
    const conditions = { ...file.conditions, flush: this.#rules.flush };
    const preserves = { preservesTimestamps: true, preservesMode: file.source.mode !== undefined };
    const settings = { conditions, ...preserves, onProgress: undefined };
    return this.#rules.source.use(file, async (opened, refusesLink) => {
      const upload = { ...file, opened, refusesLink, settings, onVersion };
      if (file.source.size > MAX_WHOLE_BYTES || !(await this.#sendSmall(upload)))
        await this.#sendLarge(upload, progress);
      progress.finish();
    });
  }

  /** Returns false if the file is not small. */
  async #sendSmall({ opened, refusesLink, remote, settings, onVersion }: Attempt): Promise<boolean> {
    const { context, scope } = this.#end;
    const isSent = await withSmallFile(context, { localPath: opened, scope, refusesLink }, async (file) => {
      const { version, bytes, free } = file;
      onVersion?.(version);
      const conditions = conditionsFor(settings, version);
      await this.#sender.upload({ path: remote, bytes, conditions, free });
      return true;
    });
    return isSent === true;
  }

  async #sendLarge(
    { opened, refusesLink, remote, settings, onVersion }: Attempt,
    progress: ActionProgress,
  ): Promise<void> {
    const { context, scope } = this.#end;
    const onAcknowledged = (bytes: number): void => progress.reach(bytes);
    const plan = { path: remote, settings, scope, refusesLink, onVersion, onAcknowledged };
    await uploadLocal(context, plan, opened);
  }

  /** Whether an attempt failed because the file is not the planned version any more. */
  async #hasChanged(file: PlannedUpload, error: unknown): Promise<boolean> {
    if (!hasErrno(error, 'ESTALE')) return false;
    return this.#rules.source.differs(file);
  }
}

interface Attempt extends PlannedUpload {
  /** A path that can be opened. */
  readonly opened: string;
  readonly refusesLink: boolean;
  readonly settings: FileUploadSettings;
  readonly onVersion: ((version: LocalVersion) => void) | undefined;
}

function assertPlanned(planned: SyncVersion, { size, mtime }: LocalVersion): void {
  if (size !== undefined && isVersion(planned, { size, mtimeMs: mtime.getTime() })) return;
  throw new TransferError('ESTALE', 'The file has changed since the plan was made.');
}
