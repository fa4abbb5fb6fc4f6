/**
 * Downloads small files together into local files.
 *
 *     actions -> one request -> planned versions? -> LocalFiles.createNow, or createSmall where that has to wait
 */
import { hasErrno } from '../../../../fs/errno.js';
import type { FileEntry } from '../../../../protocol/entry.js';
import type { RemotePath } from '../../../../protocol/remote-path.js';
import { nextTurn } from '../../../../clock.js';
import type { DownloadedFile } from '../../../batches/download-batch.js';
import { toLocalError } from '../../../local/local-error.js';
import type { TransferAction } from '../../sync-action.js';
import type { SmallDownloaded, SmallFileSender } from '../small-files/small-file-sender.js';
import type { SyncEnd } from '../sync-client.js';
import type { LocalFiles } from '../target/local-files.js';
import { localPathOf } from '../target/named-place.js';
import type { SettleTransfer } from '../target/sync-target.js';
import type { FilePlan } from '../target/write-small-file.js';
import { isPlanned, strongEtag } from './strong-etag.js';

/** What small downloads need. */
export interface SmallDownloadParts {
  readonly scope: SyncEnd['scope'];
  readonly sender: SmallFileSender;
  /** The path on the server of a path of the plan. */
  readonly at: (path: string) => RemotePath;
}

/** A file to download. */
interface Request {
  readonly action: TransferAction;
  readonly path: RemotePath;
  readonly localPath: string;
  readonly ifMatch: string | undefined;
  readonly maxBytes: number;
}

export class SmallDownloads {
  readonly #parts: SmallDownloadParts;
  /** Resolves when the next group may be written. */
  #turn: Promise<void> = Promise.resolve();

  constructor(parts: SmallDownloadParts) {
    this.#parts = parts;
  }

  /**
   * Downloads files and calls `settle` with the outcome of each. Returns those that are not the planned version any more, or
   * have a path that is refused.
   */
  async receive(
    files: LocalFiles,
    actions: readonly TransferAction[],
    settle: SettleTransfer,
  ): Promise<TransferAction[]> {
    const left: TransferAction[] = [];
    const requests: Request[] = [];
    for (const action of actions) {
      const request = this.#requestOf(action);
      if (request) requests.push(request);
      else left.push(action);
    }
    const outcomes = requests.length > 0 ? await this.#parts.sender.downloadAll(requests) : [];
    const slow: Promise<void>[] = [];
    try {
      await this.#inTurn(() => this.#write(outcomes, { files, settle, left, slow }));
    } finally {
      // A run that was stopped writes nothing after its end.
      await Promise.all(slow);
    }
    return left;
  }

  /** Groups are written one after the other. Before the next one, the request of another group leaves, and is served meanwhile. */
  #inTurn(write: () => Promise<void>): Promise<void> {
    const writing = this.#turn.then(write);
    this.#turn = writing.then(nextTurn, nextTurn);
    return writing;
  }

  async #write(
    outcomes: readonly DownloadedFile<Request>[],
    { files, settle, left, slow }: Writing,
  ): Promise<void> {
    for (const outcome of outcomes) {
      this.#parts.scope.throwIfAborted();
      const { file, error } = outcome;
      if (error && !hasErrno(error, 'ESTALE', 'EFBIG')) settle(file.action, error);
      else if (error || !isPlanned(file.action.source, outcome.entry)) left.push(file.action);
      else if (!writeNow(files, outcome, settle)) {
        await files.ready(file.localPath);
        if (!writeNow(files, outcome, settle)) slow.push(writeSlowly(files, outcome, settle));
      }
    }
  }

  #requestOf(action: TransferAction): Request | undefined {
    const { path, source } = action;
    try {
      const localPath = localPathOf(action);
      return {
        action,
        path: this.#parts.at(path),
        localPath,
        ifMatch: strongEtag(source),
        maxBytes: source.size,
      };
    } catch {
      return undefined;
    }
  }
}

/** Where the files of a group go. */
interface Writing {
  readonly files: LocalFiles;
  readonly settle: SettleTransfer;
  /** Gets those that are not the planned version any more. */
  readonly left: TransferAction[];
  /** Gets those that threads write. */
  readonly slow: Promise<void>[];
}

/** A downloaded file. */
type Arrived = SmallDownloaded & { readonly file: Request };

/** Returns false if the file cannot be written without a wait. */
function writeNow(files: LocalFiles, arrived: Arrived, settle: SettleTransfer): boolean {
  const { action, localPath } = arrived.file;
  try {
    if (!files.createNow(filePlanOf(action, localPath, arrived.entry), arrived.bytes)) return false;
    settle(action, 'done');
  } catch (thrown) {
    settle(action, toLocalError(localPath, thrown));
  }
  return true;
}

async function writeSlowly(files: LocalFiles, arrived: Arrived, settle: SettleTransfer): Promise<void> {
  const { action, localPath } = arrived.file;
  try {
    await files.createSmall(filePlanOf(action, localPath, arrived.entry), arrived.bytes);
    settle(action, 'done');
  } catch (thrown) {
    settle(action, toLocalError(localPath, thrown));
  }
}

/** The local file for a downloaded version. */
export function filePlanOf(
  { target, source }: TransferAction,
  localPath: string,
  { mtime }: FileEntry,
): FilePlan {
  return { path: localPath, target, mtimeMs: mtime.getTime(), mode: source.mode };
}
