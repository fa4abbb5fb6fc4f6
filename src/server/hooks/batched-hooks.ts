/**
 * The hooks and events of a server for the requests in batches: each is told as a request of its own, so that neither a scan
 * nor a log misses a file because it is one of a batch.
 */
import { systemClock } from '../../clock.js';
import type { TransferError } from '../../errors.js';
import { BodyChecksum } from '../../protocol/body-checksum.js';
import type { ChecksumAlgorithm } from '../../protocol/checksum.js';
import type { FrameOf } from '../../protocol/frames.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import type { StorageWriteOptions } from '../../storage/storage.js';
import type { AccessControl } from '../access/access-control.js';
import { batchedStart } from '../monitoring/request-start.js';
import type { Exchange } from '../request/exchange.js';
import type { CommitHook } from './commit-hook.js';
import type { RequestHooks } from './request-hooks.js';
import { readerOf } from './uploaded-bytes.js';

/** An upload of a batch, with all of its bytes. */
export interface BatchedUpload {
  readonly path: RemotePath;
  readonly options: StorageWriteOptions;
  readonly bytes: Uint8Array;
  readonly algorithm: ChecksumAlgorithm;
}

/** For one connection. */
export class BatchedHooks {
  readonly #hooks: RequestHooks;
  readonly #access: AccessControl;
  readonly #commitHook: CommitHook | undefined;

  constructor(hooks: RequestHooks, access: AccessControl) {
    this.#hooks = hooks;
    this.#access = access;
    this.#commitHook = hooks.commitHook(access);
  }

  /** Whether a hook may refuse a request. */
  get canRefuse(): boolean {
    return this.#hooks.canRefuse;
  }

  /** Calls `before`, if there is one. Rejects with what it throws. */
  before(batch: Exchange, request: FrameOf<'open'>): Promise<void> | undefined {
    const start = batchedStart(this.#hooks.connection, batch, request);
    return this.#hooks.before(batch, this.#access, { start, size: request.size });
  }

  /** Calls `beforeCommit`, if there is one. Rejects with what it throws. */
  beforeCommit(batch: Exchange, request: FrameOf<'open'>, upload: BatchedUpload): Promise<void> | undefined {
    if (!this.#commitHook) return undefined;
    const { path, options, bytes, algorithm } = upload;
    const check = new BodyChecksum(algorithm);
    check.update(bytes);
    return this.#commitHook.run(batch, {
      plan: { path, options, append: false },
      ...{ check, read: readerOf([bytes]) },
      start: batchedStart(this.#hooks.connection, batch, request),
    });
  }

  /** Tells the start of a request. Returns what tells its end; undefined if the program is not interested. */
  onStart(batch: Exchange, request: FrameOf<'open'>): EndOfBatched | undefined {
    const { server, connection } = this.#hooks;
    if (!server.afterHook && !server.observesRequests()) return undefined;
    const startedAt = systemClock();
    const start = batchedStart(connection, batch, request);
    server.onRequestStart(start);
    return (bytes, error) => {
      const durationMs = systemClock() - startedAt;
      this.#hooks.onEnd({ ...start, bytes, omitted: 0, durationMs, error }, this.#access);
    };
  }
}

/** Tells the end of a request with the bytes of its file, and why it has failed, if it has. */
export type EndOfBatched = (bytes: number, error: TransferError | undefined) => void;
