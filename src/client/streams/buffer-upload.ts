/** An upload of bytes that are in memory until it is over: it needs no stream, and all of it goes out in one round trip. */
import type { RemotePath } from '../../protocol/remote-path.js';
import type { CallOptions } from '../request/abort.js';
import type { ClientContext } from '../request/client-context.js';
import { UploadBody } from './upload-body.js';
import type { StoredUpload } from './upload-stream.js';
import { UploadTransfer, type UploadListener, type UploadPlan } from './upload-transfer.js';

/** What to store, where and how. The bytes must not be changed any more. */
export interface BufferUploadPlan extends Omit<UploadPlan, 'body'> {
  readonly path: RemotePath;
  readonly bytes: Uint8Array;
  readonly limits: CallOptions;
  /** Called if nothing holds the bytes any more: all of them were taken in from the only connection they were on. */
  readonly free?: () => void;
}

/** What was stored, and how many of its bytes the server had before. */
export interface StoredBuffer {
  readonly stored: StoredUpload;
  readonly resumedFrom: number;
}

interface Settling {
  readonly resolve: (upload: StoredBuffer) => void;
  readonly reject: (error: unknown) => void;
}

export class BufferUpload implements UploadListener {
  readonly #plan: BufferUploadPlan;
  readonly #settling: Settling;
  readonly #transfer: UploadTransfer;
  #resumedFrom = 0;

  private constructor(context: ClientContext, plan: BufferUploadPlan, settling: Settling) {
    const { bytes, path, limits } = plan;
    this.#plan = plan;
    this.#settling = settling;
    const body = new UploadBody(context.checksum, { whole: bytes });
    this.#transfer = new UploadTransfer(context, { ...plan, body }, this);
    this.#transfer.start(limits, () => path);
    this.#transfer.write([bytes], () => undefined);
    this.#transfer.end();
  }

  /** Resolves when the bytes are stored. */
  static run(context: ClientContext, plan: BufferUploadPlan): Promise<StoredBuffer> {
    return new Promise((resolve, reject) => new BufferUpload(context, plan, { resolve, reject }));
  }

  onOffset(offset: number): void {
    this.#resumedFrom = offset;
  }

  onStored(stored: StoredUpload): void {
    this.#settling.resolve({ stored, resumedFrom: this.#resumedFrom });
    if (!this.#transfer.wasInterrupted) this.#plan.free?.();
  }

  onFailed(error: unknown): void {
    this.#settling.reject(error);
  }
}
