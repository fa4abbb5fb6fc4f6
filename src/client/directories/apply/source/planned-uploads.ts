/**
 * Uploads local files in the version that a plan names.
 *
 *     small: SmallFileReader -> all bytes -> planned version? -> SmallFileSender
 *     other: LocalSource -> planned version? -> ResumableFileUpload
 *     another version, or a change meanwhile -> once more, in the present version -> 'changed'
 */
import { TransferError } from '../../../../errors.js';
import { hasErrno } from '../../../../fs/errno.js';
import { conditionsFor, type FileUploadSettings } from '../../../local/file-upload-settings.js';
import type { LocalVersion } from '../../../local/local-source.js';
import type { SmallFileReader } from '../../../local/small-file-reader.js';
import { readSmallFile, smallFileReaderOf, uploadLocal } from '../../../local/upload-file.js';
import type { SyncVersion } from '../../sync-action.js';
import type { SmallFileSender } from '../small-files/small-file-sender.js';
import type { SyncEnd } from '../sync-client.js';
import type { ActionProgress } from '../sync-progress.js';
import type { Carried } from '../target/sync-target.js';
import {
  isPlanned,
  MAX_WHOLE_BYTES,
  SmallUploads,
  type PlannedUpload,
  type UploadRules,
} from './small-uploads.js';

export class PlannedUploads {
  readonly #end: SyncEnd;
  readonly #rules: UploadRules;
  readonly #sender: SmallFileSender;
  readonly #reader: SmallFileReader;
  readonly #small: SmallUploads;

  constructor(end: SyncEnd, rules: UploadRules, sender: SmallFileSender) {
    this.#reader = smallFileReaderOf(end.context);
    this.#end = end;
    this.#rules = rules;
    this.#sender = sender;
    this.#small = new SmallUploads(end, rules, sender);
  }

  /** As `SmallUploads.send`. */
  sendSmall<File extends PlannedUpload>(
    files: readonly File[],
    settle: (file: File, outcome: 'done' | TransferError) => void,
  ): Promise<File[]> {
    return this.#small.send(files, settle);
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
    const file = await readSmallFile(context, { localPath: opened, scope, refusesLink });
    if (!file) return false;
    const { version, bytes, free } = file;
    await this.#reader.holding(file, async () => {
      onVersion?.(version);
      const conditions = conditionsFor(settings, version);
      await this.#sender.upload({ path: remote, bytes, conditions, free });
    });
    return true;
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

function assertPlanned(planned: SyncVersion, version: LocalVersion): void {
  if (isPlanned(planned, version)) return;
  throw new TransferError('ESTALE', 'The file has changed since the plan was made.');
}
