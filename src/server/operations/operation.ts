/**
 * The contract of an operation, which serves one kind of request.
 *
 *     open frame -> needs: RequiredPermission[] -> AccessControl.storageFor -> run(exchange, context) -> result frame
 */
import type { Codec } from '../../codecs/codec.js';
import { TransferError } from '../../errors.js';
import type { ChecksumAlgorithm } from '../../protocol/checksum.js';
import { isMode, MAX_MODE } from '../../protocol/entry.js';
import { isHexId } from '../../protocol/fields.js';
import type { FrameOf } from '../../protocol/frames.js';
import { parseRemotePath, REMOTE_ROOT, type RemotePath } from '../../protocol/remote-path.js';
import type { AnswerFields } from '../../session/channel/server-channel.js';
import type { Storage, StorageWriteOptions, WritingMethod } from '../../storage/storage.js';
import type { AccessControl, RequiredPermission } from '../access/access-control.js';
import type { BatchedHooks } from '../hooks/batched-hooks.js';
import type { CommitHook } from '../hooks/commit-hook.js';
import type { MethodRegistry } from '../methods/method-registry.js';
import type { ConnectionInfo } from '../monitoring/connection-info.js';
import type { SendBufferPool } from '../request/send-buffer-pool.js';
import type { Exchange } from '../request/exchange.js';
import type { UploadRegistry } from '../uploads/upload-registry.js';

export interface OperationContext {
  /** Has methods that write only if the operation needs the permission `write` or `delete`. */
  readonly storage: Storage;
  readonly access: AccessControl;
  /** Encodes the entries of listings. */
  readonly codec: Codec;
  /** Initial window of an upload. The bandwidth of the connection, which bounds it, can change. */
  readonly windowBytes: () => number;
  readonly buffers: SendBufferPool;
  /** The algorithm for a transfer whose client names none. */
  readonly checksum: ChecksumAlgorithm;
  /** Whether a request must not create a name that only some systems can hold. */
  readonly portableNames: boolean;
  /** The message of EROFS. */
  readonly readOnlyMessage: string;
  readonly uploads: UploadRegistry;
  /** Undefined without the hook. */
  readonly commitHook: CommitHook | undefined;
  /** What is told of the requests in a batch. */
  readonly batchedHooks: BatchedHooks;
  /** The key under which the client shares limits with others. */
  readonly account: string;
  readonly methods: MethodRegistry;
  /** Bytes of an input or output of a method, at most. */
  readonly maxValueBytes: number;
  readonly connection: ConnectionInfo;
}

/** The fields of the result, and a body that is known as a whole, to be sent before it. */
export type OperationResult = AnswerFields<'result'> & { readonly body?: Buffer };

export interface Operation {
  /** Whether the client sends a body. */
  readonly takesBody: boolean;
  /** Whether a request runs until it is cancelled: outside of the strategy, and within the limits of watches. Default: no. */
  isEndless?(request: FrameOf<'open'>): boolean;
  /** The permissions that a request needs. The server checks them before `run`. */
  needs(request: FrameOf<'open'>): readonly RequiredPermission[];
  /** Serves a request. Resolves with the fields of the result; rejects with the error for the client. */
  run(exchange: Exchange, context: OperationContext): Promise<OperationResult>;
}

/** The path of a request. Throws EINVAL if there is none. */
export function requiredPath(request: FrameOf<'open'>, field: 'path' | 'to' = 'path'): RemotePath {
  const text = request[field];
  if (text === undefined) throw new TransferError('EINVAL', `The operation ${request.op} needs a ${field}.`);
  return parseRemotePath(text);
}

/** The path of a request; the root if there is none. */
export function pathOrRoot(request: FrameOf<'open'>): RemotePath {
  return request.path === undefined ? REMOTE_ROOT : parseRemotePath(request.path);
}

/** The permission bits of a request; undefined if it names none. Throws EINVAL for other bits. */
export function modeOf({ mode }: FrameOf<'open'>): number | undefined {
  if (mode === undefined || isMode(mode)) return mode;
  throw new TransferError('EINVAL', `The mode must be 0 to ${MAX_MODE} (octal 777), not ${mode}.`);
}

/** What an upload asks of a storage. */
export function writeOptions({ onProgress }: Exchange, request: FrameOf<'open'>): StorageWriteOptions {
  const { overwrite = true, ifMatch, mtime, size, flush } = request;
  const date = mtime === undefined ? undefined : new Date(mtime);
  return { overwrite, ifMatch, mtime: date, mode: modeOf(request), size, flush, onProgress };
}

/** Throws EINVAL if a text is not the id of an upload. */
export function requireUploadId(text: string): void {
  if (isHexId(text)) return;
  throw new TransferError('EINVAL', 'The id of an upload must be 32 lower-case hexadecimal digits.');
}

/** The storage with a method that the operation needs. ENOTSUP if it has no such method, EROFS if it is read-only. */
export function writable<Method extends WritingMethod>(
  { storage, readOnlyMessage }: OperationContext,
  method: Method,
): Storage & Required<Pick<Storage, Method>> {
  if (canWrite(storage, method)) return storage;
  const isOptional = method === 'append' || method === 'utimes' || method === 'chmod';
  if (isOptional && storage.write) throw new TransferError('ENOTSUP', `This storage has no ${method}.`);
  throw new TransferError('EROFS', readOnlyMessage);
}

function canWrite<Method extends WritingMethod>(
  storage: Storage,
  method: Method,
): storage is Storage & Required<Pick<Storage, Method>> {
  return storage[method] !== undefined;
}
