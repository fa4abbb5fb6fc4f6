/**
 * An upload of a local file, which a later call goes on with, also one of another process: as long as the file is what
 * it was, the upload has the same id, by which the server knows how much it has.
 *
 *     source: open -> id -> Upload: accepted from byte N -> sum up 0..N, write N.. -> still the same? -> end
 */
import { once } from 'node:events';
import { TransferError } from '../errors.js';
import { BodyCheck } from '../protocol/checksum.js';
import { Deferred } from './deferred.js';
import { mtimeFor, type FileUploadPlan, type UploadedFile } from './file-upload-settings.js';
import { hasCode } from './local-failure.js';
import { sumUp } from './local-reading.js';
import type { LocalSource } from './local-source.js';
import type { Requester } from './requester.js';
import { Upload } from './upload.js';
import { lastingUploadId } from './upload-id.js';

export class ResumableFileUpload {
  readonly #requester: Requester;
  readonly #plan: FileUploadPlan;
  readonly #source: LocalSource;
  /** Of the source from its first byte on; what is summed up once is of use to every attempt. */
  #sum: BodyCheck;
  #summing = false;
  #restarted = false;

  constructor(requester: Requester, plan: FileUploadPlan, source: LocalSource) {
    this.#requester = requester;
    this.#plan = plan;
    this.#source = source;
    this.#sum = new BodyCheck(requester.checksum);
  }

  /** Resolves when it is stored. */
  async run(): Promise<UploadedFile> {
    for (;;) {
      const { bytes } = this.#sum;
      try {
        return await this.#attempt();
      } catch (error) {
        this.#plan.limit.check();
        if (!this.#mayTryAgain(error, bytes)) throw error;
      }
    }
  }

  #mayTryAgain(error: unknown, bytesBefore: number): boolean {
    // Summing up what the server has took longer than it waits. The next attempt begins with a sum that is further.
    if (hasCode(error, 'ETIMEDOUT')) return this.#summing && this.#sum.bytes > bytesBefore;
    // The server has lost bytes that it had taken in. They can be read once more.
    const restarts = hasCode(error, 'EGONE') && !this.#restarted;
    this.#restarted ||= restarts;
    return restarts;
  }

  async #attempt(): Promise<UploadedFile> {
    const begun = new Deferred<number>();
    const begin = (offset: number): BodyCheck => {
      begun.resolve(offset);
      if (this.#sum.bytes > offset) this.#sum = new BodyCheck(this.#requester.checksum);
      return this.#sum;
    };
    const upload = new Upload(this.#requester, this.#plan.path, this.#options(), { id: this.#id, begin });
    // It is told by the promises below.
    upload.on('error', () => undefined);
    upload.once('close', () => begun.reject(() => upload.errored ?? new TransferError('ECANCELED')));
    const check = (): void => {
      this.#plan.limit.check();
      if (upload.errored) throw upload.errored;
    };
    try {
      // Not by pipeline, which does not wait for what is read until it rejects: two attempts would use one sum.
      const pieces = this.#pieces({ begun: begun.promise, check, free: () => upload.takenIn });
      for await (const piece of pieces) {
        check();
        if (!upload.write(piece)) await once(upload, 'drain');
      }
      upload.end();
      return { ...(await upload.stored), resumedFrom: await begun.promise };
    } finally {
      upload.destroy();
    }
  }

  async *#pieces({
    begun,
    check,
    free,
  }: {
    begun: Promise<number>;
    check: () => void;
    free: () => number;
  }): AsyncGenerator<Buffer, undefined, undefined> {
    const source = this.#source;
    const { onProgress } = this.#plan.settings;
    const offset = await begun;
    if (offset > source.size) throw new TransferError('EPROTO', 'The server has more than there is to send.');
    this.#summing = true;
    await sumUp(source.pieces({ from: this.#sum.bytes, to: offset }), { sum: this.#sum, check });
    this.#summing = false;
    let bytes = offset;
    onProgress?.(bytes, source.size);
    for await (const piece of source.pieces({ from: offset, to: source.size, free })) {
      bytes += piece.length;
      yield piece;
      onProgress?.(bytes, source.size);
    }
    // Before the stream is ended: what was put together of two versions is never stored.
    await source.requireUnchanged();
    return undefined;
  }

  #options() {
    const { settings, limit } = this.#plan;
    const { overwrite, ifMatch } = settings;
    const { size, mtimeMs } = this.#source.version;
    return { size, mtime: mtimeFor(settings, mtimeMs), overwrite, ifMatch, signal: limit.signal };
  }

  get #id(): string {
    const { realPath, version } = this.#source;
    return lastingUploadId(this.#plan, { realPath, version, checksum: this.#requester.checksum });
  }
}
