/**
 * The hook `beforeCommit` of one connection: stands between the verified body and its commit.
 *
 *     body verified -> run -> accepted -> commit
 *                          -> rejected -> discard; cancelled or interrupted -> as before the end of the body
 */
import type { BodyChecksum } from '../../protocol/body-checksum.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import type { PendingFile, StorageWriteOptions } from '../../storage/storage.js';
import type { Identity } from '../identity.js';
import type { RequestStart } from '../monitoring/connection-info.js';
import type { Exchange } from '../request/exchange.js';
import { callHook, type HookLimit } from './call-hook.js';
import type { HookOptions } from './options.js';
import { UploadedBytes } from './uploaded-bytes.js';

export interface VerifiedUpload {
  readonly plan: {
    readonly path: RemotePath;
    readonly append: boolean;
    readonly options: StorageWriteOptions;
  };
  readonly check: BodyChecksum;
  /** Reads the new version; undefined if the storage cannot. */
  readonly read: PendingFile['read'];
  /** What is told of the upload, if it is one of a batch. Default: what is told of the exchange. */
  readonly start?: RequestStart | undefined;
}

export interface CommitHookContext {
  readonly hook: NonNullable<HookOptions['beforeCommit']>;
  readonly limitMs: number;
  readonly identity: Identity | undefined;
  readonly describe: (exchange: Exchange) => RequestStart;
}

export class CommitHook {
  readonly #context: CommitHookContext;
  readonly #limit: HookLimit;

  constructor(context: CommitHookContext) {
    this.#context = context;
    this.#limit = { name: 'beforeCommit', limitMs: context.limitMs };
  }

  /** Resolves if the upload may become visible. When it settles, the hook reads no more. */
  async run(exchange: Exchange, { plan, check, read, start }: VerifiedUpload): Promise<void> {
    const { hook, identity, describe } = this.#context;
    const { connection, id, requestId, operation } = start ?? describe(exchange);
    const { path, append, options } = plan;
    const bytes = new UploadedBytes(read);
    const upload = {
      ...{ connection, id, requestId, operation, identity, path, append },
      size: check.bytes,
      checksum: check.digest(),
      mtime: options.mtime && new Date(options.mtime),
      read: () => bytes.stream(),
    };
    try {
      await callHook(exchange, this.#limit, (signal) => hook({ ...upload, signal }));
    } finally {
      await bytes.close();
    }
    // The last read may have taken its time.
    exchange.throwIfCancelled();
  }
}
