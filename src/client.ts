/**
 * socket-ftp/client: the client without the server. It loads half of the code, for programs that run for a moment.
 *
 * @packageDocumentation
 * @module socket-ftp/client
 */

// The client
export { FileClient } from './client/file-client.js';
export type { BaseClient } from './client/base-client.js';
export type { EntryClient } from './client/entry-client.js';
export type { MethodClient } from './client/method-client.js';
export type { MethodCallOptions, RemoteMethods } from './client/methods/call-method.js';
export type { MethodInfo } from './client/methods/list-methods.js';
export type { FallbackEvent, FileClientEvents } from './client/events.js';
export type { ClientBandwidth } from './client/bandwidth.js';
export type { ClientUdpOptions, TransportName } from './client/udp/options.js';
export type { MkdirOptions, RemoveOptions, ReplaceOptions } from './client/request/fields.js';
export type {
  ClientTimeouts,
  ConnectionMode,
  FileClientOptions,
  ReconnectOptions,
} from './client/options.js';
export type { MethodStream } from './client/methods/method-duplex.js';
export type { QuotaStatus } from './client/quota-status.js';
export type { ClientStats } from './client/monitoring/client-stats.js';
export type { ClientState } from './client/state-iterator.js';
export type { Connect } from './client/connection/connect.js';
export type { CallOptions } from './client/request/abort.js';
export type { DownloadOptions, DownloadStream, VerifiedDownload } from './client/streams/download.js';
export type {
  AppendOptions,
  StoredUpload,
  UploadOptions,
  UploadStream,
} from './client/streams/upload-stream.js';
export type { UploadStatus } from './client/streams/upload-status.js';
export type {
  ApplyOptions,
  DirectoryOptions,
  SyncOptions,
  SyncOutcome,
} from './client/directories/apply/options.js';
export type { SyncActions } from './client/directories/apply/sync-actions.js';
export type { SyncFileProgress, SyncProgress } from './client/directories/apply/sync-progress.js';
export type { SyncFailure, SyncResult } from './client/directories/apply/result-counter.js';
export { isPartialDownload } from './client/local/partial-download/part-names.js';
export type { DownloadedFile } from './client/local/download-file.js';
export type { DownloadFileOptions } from './client/local/download-file-settings.js';
export type { UploadedFile, UploadFileOptions } from './client/local/file-upload-settings.js';
export type { Progress, ProgressListener, ProgressOptions } from './client/request/progress.js';
export type { Watch, WatchEvent, WatchOptions } from './client/watching/watch-event.js';
export type { Listing, ListOptions } from './client/streams/entry-iterator.js';
export type {
  ComparisonOptions,
  PlanOptions,
  PlanProgress,
  PlanProgressOptions,
  SyncEntry,
  SyncMode,
} from './client/directories/options.js';
export type { PlanCounts } from './client/directories/plan/plan-context.js';
export type { SyncPlan } from './client/directories/plan/sync-plan.js';
export type { LocalPlace, RemotePlace, SyncPlace } from './client/directories/sync-place.js';
export type {
  AppendAction,
  CopyAction,
  DeleteAction,
  MakeDirectoryAction,
  ProblemAction,
  RenameAction,
  SyncAction,
  SyncActionProperties,
  SyncVersion,
  TouchAction,
  TransferAction,
} from './client/directories/sync-action.js';
export type { ChecksumOptions } from './client/whole-files/file-checksum.js';
export type { ReadFileOptions, WriteFileData, WriteFilePiece } from './client/whole-files/write-file.js';

// Codecs; what authors of codecs need is in 'socket-ftp/protocol'
export type { CodecName } from './codecs/builtin.js';
export type { Codec } from './codecs/codec.js';

// Both ends
export type { CloseOptions } from './session/close-options.js';
export type { SessionLimits, KeepAliveOptions } from './session/options.js';
export { TransferError, errorTable } from './errors.js';
export type { ErrorCode, KnownErrorCode, TransferErrorDetails } from './errors.js';
export type { MaybePromise } from './maybe-promise.js';
export type { FileEntry, FileKind } from './protocol/entry.js';
export {
  parseRemotePath,
  joinRemotePath,
  isPortablePath,
  REMOTE_ROOT,
  type RemotePath,
} from './protocol/remote-path.js';
export type {
  AnyMethods,
  CallArguments,
  CallName,
  InputOf,
  OutputOf,
  SharedApi,
  StreamName,
  StreamOutputOf,
} from './protocol/methods/shared-api.js';
export type { ChecksumAlgorithm } from './protocol/checksum.js';
