/**
 * socket-ftp: file transfer over one socket, as Node streams.
 *
 * @packageDocumentation
 * @module socket-ftp
 */

// The two ends
export type { LoginAttempt, LoginPenalties } from './server/auth/login-penalties.js';
export type { ServerCloseOptions } from './server/close-options.js';
export { FileServer } from './server/file-server.js';
export type { MethodServer, MethodHandler, StreamMethodHandler } from './server/method-server.js';
export { FileClient } from './client/file-client.js';

// The server
export type { FileServerOptions, ServerTimeouts, StrategyName } from './server/options.js';
export type { WatchLimitOptions } from './server/watches/options.js';
export type { RequestSessionOptions } from './server/sessions/options.js';
export type { HookOptions, HookTimeouts } from './server/hooks/options.js';
export type { HookOutcome, HookRequest } from './server/hooks/hook-request.js';
export type { PendingUpload } from './server/hooks/pending-upload.js';
export type { SuspendedUploadOptions } from './server/uploads/options.js';
export type { ServerLimits } from './server/limits.js';
export type { MethodOptions } from './server/methods/options.js';
export type { MethodContext } from './server/methods/method-context.js';
export type { SchemaIssue, SchemaResult, StandardSchema } from './server/methods/standard-schema.js';
export type { AcceptOptions } from './server/peer.js';
export type { ProxyProtocolOptions } from './server/connection/proxy-protocol/options.js';
export type { AccessOptions, BandwidthOptions } from './server/access/options.js';
export type {
  Authenticate,
  Authorize,
  Bandwidth,
  Permission,
  Identity,
  Credentials,
  Quota,
} from './server/identity.js';
export { hashPassword, verifyPassword, type PasswordHashOptions } from './server/auth/passwords.js';
export { hashToken } from './server/auth/hash-token.js';
export { staticUsers } from './server/auth/static-users.js';
export type { UserRecord } from './server/auth/user-record.js';
export type {
  ConnectionInfo,
  FileServerEvents,
  RequestStart,
  RequestSummary,
} from './server/monitoring/connection-info.js';
export type {
  ConnectionSnapshot,
  RequestSnapshot,
  TlsSnapshot,
} from './server/monitoring/connection-snapshot.js';
export type { DisconnectOptions } from './server/connection/disconnect-options.js';
export type { DiagnosticsMessages } from './server/monitoring/diagnostics.js';
export type { ServerStats } from './server/monitoring/server-counters.js';
export type { ServerRequest, ServerStrategy } from './server/strategies/strategy.js';
export { BlockingStrategy, type BlockingOptions } from './server/strategies/blocking-strategy.js';
export { NonBlockingStrategy, type NonBlockingOptions } from './server/strategies/non-blocking-strategy.js';

// The client
export type { BaseClient } from './client/base-client.js';
export type { EntryClient } from './client/entry-client.js';
export type { MethodClient } from './client/method-client.js';
export type { MethodCallOptions, RemoteMethods } from './client/methods/call-method.js';
export type { MethodInfo } from './client/methods/list-methods.js';
export type { FallbackEvent, FileClientEvents } from './client/events.js';
export type { ClientBandwidth } from './client/bandwidth.js';
export type { ClientUdpOptions, TransportName } from './client/udp/options.js';
export type { ServerUdpOptions } from './server/udp/options.js';
export type { HttpOptions } from './server/http/options.js';
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

// Storages
export { DirectoryStorage } from './storage/directory/directory-storage.js';
export type { DirectoryStorageOptions } from './storage/directory/directory-storage-options.js';
export { MemoryStorage, type MemoryStorageOptions } from './storage/memory/memory-storage.js';
export { readOnly } from './storage/wrappers/read-only.js';
export { subStorage } from './storage/wrappers/sub-storage.js';
export { storageFromStreams, type StreamFunctions } from './storage/wrappers/storage-from-streams.js';
export type {
  PendingFile,
  Storage,
  StorageChange,
  StorageListOptions,
  StorageWatchOptions,
  StorageMkdirOptions,
  StorageProgressOptions,
  StorageRemoveOptions,
  StorageReplaceOptions,
  StorageResumeOptions,
  ResumeResult,
  StorageUploadStatus,
  StorageWriteOptions,
  StoredFile,
  WholeFile,
  WritingMethod,
} from './storage/storage.js';

// Codecs; what authors of codecs need is in 'socket-ftp/protocol'
export type { CodecName } from './codecs/builtin.js';
export type { Codec } from './codecs/codec.js';

// Both ends
export { toPrometheus, type PrometheusOptions } from './metrics/to-prometheus.js';
export type { CloseOptions } from './session/close-options.js';
export type { SessionLimits, KeepAliveOptions } from './session/options.js';
export { TransferError, errorTable } from './errors.js';
export { httpStatusOf, httpStatusTable } from './http-status.js';
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
