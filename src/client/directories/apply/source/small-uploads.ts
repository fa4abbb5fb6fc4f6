/**
 * Uploads small local files together.
 *
 *     files -> SmallFileReader.readNow -> planned versions? -> one request -> outcomes
 */
import type { TransferError } from '../../../../errors.js';
import { hasErrno } from '../../../../fs/errno.js';
import type { RemotePath } from '../../../../protocol/remote-path.js';
import type { LocalVersion } from '../../../local/local-source.js';
import type { SmallFile, SmallFileReader } from '../../../local/small-file-reader.js';
import { readSmallFile, smallFileReaderOf } from '../../../local/upload-file.js';
import type { UploadConditions } from '../../../streams/upload-stream.js';
import type { SyncVersion } from '../../sync-action.js';
import type { SmallFileSender, SmallUpload } from '../small-files/small-file-sender.js';
import type { SyncEnd } from '../sync-client.js';
import { isVersion } from '../target/sync-target.js';
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
export const MAX_WHOLE_BYTES = 32 * 1024;

export class SmallUploads {
  readonly #end: SyncEnd;
  readonly #rules: UploadRules;
  readonly #sender: SmallFileSender;
  readonly #reader: SmallFileReader;

  constructor(end: SyncEnd, rules: UploadRules, sender: SmallFileSender) {
    this.#end = end;
    this.#rules = rules;
    this.#sender = sender;
    this.#reader = smallFileReaderOf(end.context);
  }

  /**
   * Uploads files and calls `settle` with the outcome of each. Returns those that cannot be read at once or are not the planned
   * version any more, and what was lost with the connection.
   */
  async send<File extends PlannedUpload>(
    files: readonly File[],
    settle: (file: File, outcome: 'done' | TransferError) => void,
  ): Promise<File[]> {
    const left: File[] = [];
    const read: File[] = [];
    const uploads: SmallUpload[] = [];
    let isFirst = true;
    for (const file of files) {
      let upload = this.#read(file);
      if (!upload) {
        upload = await this.#readSoon(file, isFirst);
        isFirst = false;
      }
      if (upload) {
        read.push(file);
        uploads.push(upload);
      } else {
        left.push(file);
      }
    }
    const outcomes = uploads.length > 0 ? await this.#sender.uploadAll(uploads) : [];
    for (const [index, file] of read.entries()) {
      const outcome = outcomes[index];
      // ESTALE may be a change of the source, too.
      if (outcome === undefined || outcome === 'lost' || hasErrno(outcome, 'ESTALE')) left.push(file);
      else settle(file, outcome);
    }
    return left;
  }

  #read(file: PlannedUpload): SmallUpload | undefined {
    const { size, mtimeMs } = file.source;
    if (mtimeMs === undefined) return undefined;
    try {
      const localPath = this.#rules.source.plainPath(file);
      const read = localPath === undefined ? undefined : this.#reader.readNow(localPath, { size, mtimeMs });
      return read && this.#uploadOf(file, read, { size, mtime: read.mtimeMs, mode: read.mode });
    } catch {
      // The attempt of the file alone fails, too.
      return undefined;
    }
  }

  /** Reads a file that has to wait for the next tick or, as the first that has to wait, for a disk that sleeps. */
  async #readSoon(file: PlannedUpload, isFirst: boolean): Promise<SmallUpload | undefined> {
    const { context, scope } = this.#end;
    try {
      const localPath = this.#rules.source.plainPath(file);
      if (localPath === undefined || file.source.size > MAX_WHOLE_BYTES) return undefined;
      const reading = isFirst
        ? readSmallFile(context, { localPath, scope, refusesLink: file.source.isLink !== true })
        : this.#reader.read(localPath);
      const small = await reading;
      if (!small) return undefined;
      const { size, mtime, mode } = small.version;
      const upload = this.#uploadOf(file, small, { size, mtime: mtime.getTime(), mode });
      if (isPlanned(file.source, small.version)) return upload;
      upload.free();
      return undefined;
    } catch {
      return undefined;
    }
  }

  #uploadOf(
    { source, remote, conditions }: PlannedUpload,
    read: Pick<SmallFile, 'bytes' | 'free'>,
    { size, mtime, mode }: Pick<UploadConditions, 'size' | 'mtime' | 'mode'>,
  ): SmallUpload {
    const free = (): void => {
      read.free();
      this.#reader.release(read);
    };
    const { overwrite, ifMatch } = conditions;
    const preserved = source.mode === undefined ? undefined : mode;
    const { flush } = this.#rules;
    return {
      path: remote,
      bytes: read.bytes,
      conditions: { overwrite, ifMatch, size, mtime, mode: preserved, flush },
      free,
    };
  }
}

/** Whether a local file is the version of a plan. */
export function isPlanned(planned: SyncVersion, { size, mtime }: LocalVersion): boolean {
  return size !== undefined && isVersion(planned, { size, mtimeMs: mtime.getTime() });
}
