/** An upload as a Writable. It emits `finish` when the server has stored and verified the file. */
import { Writable } from 'node:stream';
import { TransferError } from '../../errors.js';
import { rejectUnknownOptions } from '../../options/option.js';
import { parseFilePath } from '../request/path-argument.js';
import { progressOption } from '../request/progress.js';
import { Deferred } from '../connection/deferred.js';
import type { ClientContext } from '../request/client-context.js';
import { UploadBody } from './upload-body.js';
import {
  appendOptionNames,
  uploadConditions,
  uploadOptionNames,
  type StoredUpload,
  type UploadOptions,
  type UploadStream,
} from './upload-stream.js';
import type { UploadListener } from './upload-plan.js';
import { UploadTransfer } from './upload-transfer.js';

/** Bytes after which `write` returns false. */
const HIGH_WATER_MARK = 256 * 1024;

type Done = (error?: Error | null) => void;

/** @internal */
export class Upload extends Writable implements UploadStream {
  readonly #completed = new Deferred<StoredUpload>();
  readonly #transfer: UploadTransfer;
  #result: StoredUpload | undefined;
  #onFinal: Done | undefined;

  constructor(
    context: ClientContext,
    path: string,
    options: UploadOptions,
    method: 'upload' | 'append' = 'upload',
  ) {
    super({ highWaterMark: HIGH_WATER_MARK });
    const append = method === 'append';
    rejectUnknownOptions(method, options, append ? appendOptionNames : uploadOptionNames);
    const conditions = { ...uploadConditions(options), append: append || undefined };
    const listener: UploadListener = {
      // With both ends in one process, the result can precede `_final`.
      onStored: (upload) => {
        this.#result = upload;
        this.#finishIfStored();
      },
      onFailed: (thrown) => void this.destroy(thrown instanceof Error ? thrown : TransferError.from(thrown)),
    };
    const body = new UploadBody(context.checksum, { isKept: true });
    const onProgress = progressOption(options.onProgress);
    this.#transfer = new UploadTransfer(context, { conditions, body, onProgress }, listener);
    this.#transfer.start(options, () => parseFilePath(method, path));
  }

  get uploadId(): string | undefined {
    return this.#transfer.id;
  }

  get completed(): Promise<StoredUpload> {
    return this.#completed.promise;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#write([chunk], done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    const pieces = chunks.map(({ chunk }) => chunk);
    this.#write(pieces, done);
  }

  override _final(done: Done): void {
    this.#onFinal = done;
    this.#transfer.end();
    this.#finishIfStored();
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#transfer.cancel();
    const isTaken = this.#completed.reject(() => error ?? new TransferError('ECANCELED'));
    // The program learns of the error from the promise, so that the event need not end the process.
    if (isTaken) this.on('error', () => undefined);
    done(error);
  }

  #write(pieces: readonly Buffer[], done: Done): void {
    const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
    const isLast = this.writableEnded && this.writableLength === bytes;
    this.#transfer.write(pieces, (error) => {
      if (!error) done();
    });
    // Now, so that `end` leaves right after the last byte.
    if (isLast) this.#transfer.end();
  }

  #finishIfStored(): void {
    if (!this.#result || !this.#onFinal) return;
    this.#completed.resolve(this.#result);
    this.#onFinal();
  }
}
