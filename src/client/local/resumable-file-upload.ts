/**
 * An upload of a local file, which a later call resumes, also one of another process: as long as the file is what it
 * was, the upload has the same id, by which the server knows how much it has.
 *
 *     source: open -> id -> transfer: accepted from byte N -> sum up 0..N, write N.. -> still the same? -> end
 */
import { TransferError } from '../../errors.js';
import { hasErrno } from '../../fs/errno.js';
import { BodyChecksum } from '../../protocol/body-checksum.js';
import { Deferred } from '../connection/deferred.js';
import { conditionsFor, type FileUploadPlan, type UploadedFile } from './file-upload-settings.js';
import { updateChecksum } from './read-pieces.js';
import type { LocalSource } from './local-source.js';
import type { ClientContext } from '../request/client-context.js';
import { UploadBody } from '../streams/upload-body.js';
import { lastingUploadId } from '../streams/upload-id.js';
import type { StoredUpload } from '../streams/upload-stream.js';
import { UploadTransfer, type UploadPlan } from '../streams/upload-transfer.js';

export class ResumableFileUpload {
  readonly #context: ClientContext;
  readonly #plan: FileUploadPlan;
  readonly #source: LocalSource;
  /** Of the source from its first byte on; what is summed up once is of use to every attempt. */
  #sum: BodyChecksum;
  #isSumming = false;
  #restarted = false;

  constructor(context: ClientContext, plan: FileUploadPlan, source: LocalSource) {
    this.#context = context;
    this.#plan = plan;
    this.#source = source;
    this.#sum = new BodyChecksum(context.checksum);
  }

  /** Resolves when it is stored. */
  async run(): Promise<UploadedFile> {
    for (;;) {
      const { bytes } = this.#sum;
      try {
        return await this.#attempt();
      } catch (error) {
        this.#plan.limit.throwIfAborted();
        if (!this.#shouldRetry(error, bytes)) throw error;
      }
    }
  }

  #shouldRetry(error: unknown, bytesBefore: number): boolean {
    // Summing up what the server has took longer than it waits. The next attempt begins with a sum that is further.
    if (hasErrno(error, 'ETIMEDOUT')) return this.#isSumming && this.#sum.bytes > bytesBefore;
    // The server has lost bytes that it had taken in. They can be read once more.
    const restarts = hasErrno(error, 'EGONE') && !this.#restarted;
    this.#restarted ||= restarts;
    return restarts;
  }

  async #attempt(): Promise<UploadedFile> {
    const placed = new Deferred<number>();
    const stored = new Deferred<StoredUpload>();
    const body = new UploadBody(this.#context.checksum, { isKept: true });
    const transfer = new UploadTransfer(this.#context, this.#planOf(body), {
      onOffset: (offset) => {
        if (this.#sum.bytes > offset) this.#sum = new BodyChecksum(this.#context.checksum);
        body.begin(offset, this.#sum);
        placed.resolve(offset);
      },
      onStored: (upload) => stored.resolve(upload),
      onFailed: (error) => {
        placed.reject(() => error);
        stored.reject(() => error);
      },
    });
    try {
      transfer.start({ signal: this.#plan.limit.signal }, () => this.#plan.path);
      const resumedFrom = await placed.promise;
      await this.#checksumUpTo(resumedFrom, transfer);
      await this.#writeTo(transfer, body);
      // Before the end: what was put together of two versions is never stored.
      await this.#source.assertUnchanged();
      transfer.end();
      return { ...(await stored.promise), resumedFrom };
    } finally {
      transfer.cancel();
    }
  }

  #planOf(body: UploadBody): UploadPlan {
    const { settings } = this.#plan;
    const conditions = conditionsFor(settings, this.#source.version);
    const id = lastingUploadId(this.#context, this.#plan, this.#source);
    return { conditions, id, isOlder: true, body, onProgress: settings.onProgress };
  }

  async #checksumUpTo(to: number, transfer: UploadTransfer): Promise<void> {
    if (to > this.#source.size) {
      throw new TransferError('EPROTO', 'The server has more than there is to send.');
    }
    this.#isSumming = true;
    const pieces = this.#source.pieces({ from: this.#sum.bytes, to });
    await updateChecksum(pieces, { sum: this.#sum, check: () => this.#throwIfEnded(transfer) });
    this.#isSumming = false;
  }

  async #writeTo(transfer: UploadTransfer, body: UploadBody): Promise<void> {
    const range = { from: body.from, to: this.#source.size, free: () => body.from };
    for await (const piece of this.#source.pieces(range)) {
      this.#throwIfEnded(transfer);
      await new Promise<void>((resolve) => {
        transfer.write([piece], () => resolve());
      });
    }
    this.#throwIfEnded(transfer);
  }

  /** Throws if the upload is to end, or has failed. */
  #throwIfEnded(transfer: UploadTransfer): void {
    this.#plan.limit.throwIfAborted();
    if (transfer.isClosed) throw transfer.failure;
  }
}
