/**
 * socket-ftp: file transfer over one socket, as Node streams.
 *
 * @packageDocumentation
 * @module socket-ftp
 */

// The client, and what both ends share
export * from './client.js';

// The server
export type { LoginAttempt, LoginPenalties } from './server/auth/login-penalties.js';
export type { ServerCloseOptions } from './server/close-options.js';
export { FileServer } from './server/file-server.js';
export type { MethodServer, MethodHandler, StreamMethodHandler } from './server/method-server.js';
export type { FileServerOptions, ServerTimeouts, StrategyName } from './server/options.js';
export type { ServerUdpOptions } from './server/udp/options.js';
export type { HttpOptions } from './server/http/options.js';
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

// Both ends
export { toPrometheus, type PrometheusOptions } from './metrics/to-prometheus.js';
export { httpStatusOf, httpStatusTable } from './http-status.js';
