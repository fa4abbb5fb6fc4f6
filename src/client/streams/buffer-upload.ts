/**
 * An upload of bytes that are in memory until it is over: it needs no stream, and all of it goes out in one round trip.
 * Whoever wants to be told how far it is holds back only the end, so that what the listener throws prevents the storing.
 */
import type { RemotePath } from '../../protocol/remote-path.js';
import type { CallOptions } from '../request/abort.js';
import type { ProgressListener } from '../local/progress.js';
import type { ClientContext } from '../request/client-context.js';
import { UploadBody } from './upload-body.js';
import type { StoredUpload } from './upload-stream.js';
import { UploadTransfer, type UploadListener, type UploadPlan } from './upload-transfer.js';

/** What to store, where and how. The bytes must not be changed any more. */
export interface BufferUploadPlan extends Omit<UploadPlan, 'body'> {
  readonly path: RemotePath;
  readonly bytes: Uint8Array;
  readonly limits: CallOptions;
  readonly onProgress?: ProgressListener | undefined;
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
  #toldBytes = -1;

  private constructor(context: ClientContext, plan: BufferUploadPlan, settling: Settling) {
    const { bytes, path, limits, onProgress } = plan;
    this.#plan = plan;
    this.#settling = settling;
    const body = new UploadBody(context.checksum, { whole: bytes });
    this.#transfer = new UploadTransfer(context, { ...plan, body }, this);
    this.#transfer.start(limits, () => path);
    this.#transfer.write([bytes], (error) => {
      if (!error) this.#tell(bytes.length, () => this.#transfer.end());
    });
    if (!onProgress) this.#transfer.end();
  }

  /** Resolves when the bytes are stored. */
  static run(context: ClientContext, plan: BufferUploadPlan): Promise<StoredBuffer> {
    return new Promise((resolve, reject) => new BufferUpload(context, plan, { resolve, reject }));
  }

  onOffset(offset: number): void {
    this.#resumedFrom = offset;
    this.#tell(offset);
  }

  onStored(stored: StoredUpload): void {
    this.#settling.resolve({ stored, resumedFrom: this.#resumedFrom });
    if (!this.#transfer.wasInterrupted) this.#plan.free?.();
  }

  onFailed(error: Error): void {
    this.#settling.reject(error);
  }

  /** Tells the listener, if there is one, and goes on: not while the connection is at work. */
  #tell(bytes: number, goOn?: () => void): void {
    const { onProgress } = this.#plan;
    if (!onProgress) return;
    process.nextTick(() => {
      if (this.#transfer.isClosed) return;
      try {
        if (bytes > this.#toldBytes) onProgress(bytes, this.#plan.bytes.length);
        this.#toldBytes = Math.max(bytes, this.#toldBytes);
        goOn?.();
      } catch (thrown) {
        this.#transfer.cancel();
        this.#settling.reject(thrown);
      }
    });
  }
}
