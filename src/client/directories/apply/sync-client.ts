/** What a synchronisation needs of a client. */
import type { FileEntry } from '../../../protocol/entry.js';
import type { RemoteReader } from '../scan/remote-tree.js';
import type { CallOptions } from '../../request/abort.js';
import type { AbortScope } from '../../request/abort-scope.js';
import type { ClientContext } from '../../request/client-context.js';
import type { MkdirOptions, RemoveOptions, ReplaceOptions } from '../../request/fields.js';
import type { DownloadOptions, DownloadStream } from '../../streams/download.js';
import type { AppendOptions, UploadStream } from '../../streams/upload-stream.js';

/** Methods of a FileClient. An interface, because the class imports this folder. */
export interface SyncClient extends Omit<RemoteReader, 'stat'> {
  stat(path: string, options: CallOptions): Promise<FileEntry>;
  mkdir(path: string, options: MkdirOptions): Promise<void>;
  remove(path: string, options: RemoveOptions): Promise<void>;
  rename(from: string, to: string, options: ReplaceOptions): Promise<void>;
  copy(from: string, to: string, options: ReplaceOptions): Promise<FileEntry>;
  utimes(path: string, mtime: Date, options: CallOptions): Promise<FileEntry>;
  chmod(path: string, mode: number, options: CallOptions): Promise<unknown>;
  append(path: string, options: AppendOptions): UploadStream;
  download(path: string, options: DownloadOptions): DownloadStream;
}

/** The end of the server, for one run. */
export interface SyncEnd {
  readonly client: SyncClient;
  readonly context: ClientContext;
  /** Ends the run. */
  readonly scope: Pick<AbortScope, 'signal' | 'throwIfAborted'>;
}
