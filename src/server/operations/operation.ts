/** What an operation is: one thing that a client may ask for, served by one file of this folder. */
import type { Codec } from '../../codecs/codec.js';
import { TransferError } from '../../errors.js';
import type { ChecksumAlgorithm } from '../../protocol/checksum.js';
import type { FrameOf } from '../../protocol/frames.js';
import { parseRemotePath, REMOTE_ROOT, type RemotePath } from '../../protocol/remote-path.js';
import type { AnswerFields } from '../../session/channel/server-channel.js';
import type { Storage, WritingMethod } from '../../storage/storage.js';
import type { AccessControl, RequiredPermission } from '../access/access-control.js';
import type { SendBufferPool } from './send-buffer-pool.js';
import type { Exchange } from '../request/exchange.js';
import type { UploadRegistry } from '../uploads/upload-registry.js';

/** What operations work with. */
export interface OperationContext {
  /** With the methods that write only for an operation that has said that it writes. */
  readonly storage: Storage;
  /** What the client may do. */
  readonly access: AccessControl;
  /** The connection's codec, in which listings are written. */
  readonly codec: Codec;
  /** Bytes of an upload that are taken before the client must wait. */
  readonly windowBytes: number;
  /** What a file is read into. */
  readonly buffers: SendBufferPool;
  /** The checksum of a transfer whose client names none. */
  readonly checksum: ChecksumAlgorithm;
  /** What to say when a storage cannot write. */
  readonly readOnlyMessage: string;
  /** What the server knows of uploads that can be gone on with. */
  readonly uploads: UploadRegistry;
}

/** One thing that a client may ask for. */
export interface Operation {
  /** Whether the client sends a body. */
  readonly takesBody: boolean;
  /** What a request does to which paths: all of it must be permitted before it is served. */
  needs(request: FrameOf<'open'>): readonly RequiredPermission[];
  /** Serves a request to its end: resolves with the fields of the result, or throws. */
  run(exchange: Exchange, service: OperationContext): Promise<AnswerFields<'result'>>;
}

/** The path of a request that needs a name. Throws EINVAL if there is none. */
export function requiredPath(request: FrameOf<'open'>, field: 'path' | 'to' = 'path'): RemotePath {
  const text = request[field];
  if (text === undefined) throw new TransferError('EINVAL', `The operation ${request.op} needs a ${field}.`);
  return parseRemotePath(text);
}

/** The path of a request, where none is the root. */
export function pathOrRoot(request: FrameOf<'open'>): RemotePath {
  return request.path === undefined ? REMOTE_ROOT : parseRemotePath(request.path);
}

/** A storage that has the method which an operation needs. Throws ENOTSUP if it has not; EROFS if it cannot write at all. */
export function writable<Method extends WritingMethod>(
  service: OperationContext,
  method: Method,
): Storage & Required<Pick<Storage, Method>> {
  const { storage } = service;
  if (canWrite(storage, method)) return storage;
  const isOptional = method === 'append' || method === 'utimes';
  if (isOptional && storage.write) throw new TransferError('ENOTSUP', `This storage has no ${method}.`);
  throw new TransferError('EROFS', service.readOnlyMessage);
}

function canWrite<Method extends WritingMethod>(
  storage: Storage,
  method: Method,
): storage is Storage & Required<Pick<Storage, Method>> {
  return storage[method] !== undefined;
}
