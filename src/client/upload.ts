/** An upload as a Writable: its `finish` comes when the server has stored the file under its name, whole and verified. */
import { Writable } from 'node:stream';
import { TransferError } from '../errors.js';
import { neededPath } from './asked-path.js';
import { Deferred } from './deferred.js';
import type { Requester } from './requester.js';
import { StreamBody, type EarlierUpload } from './upload-body.js';
import { newUploadId } from './upload-id.js';
import {
  uploadConditions,
  type StoredUpload,
  type UploadOptions,
  type UploadStream,
} from './upload-stream.js';
import { UploadTransfer, type UploadListener } from './upload-transfer.js';

/** Bytes that the Writable takes before it asks its writer to wait. */
const HIGH_WATER_MARK = 256 * 1024;

type Done = (error?: Error | null) => void;

/** @internal */
export class Upload extends Writable implements UploadStream {
  readonly #stored = new Deferred<StoredUpload>();
  readonly #body: StreamBody;
  readonly #transfer: UploadTransfer;
  #result: StoredUpload | undefined;
  #finish: Done | undefined;

  constructor(requester: Requester, path: string, options: UploadOptions, earlier?: EarlierUpload) {
    super({ highWaterMark: HIGH_WATER_MARK });
    const conditions = uploadConditions('upload', options);
    const id = earlier?.id ?? newUploadId(requester);
    const body = new StreamBody(requester.checksum, { isKept: id !== undefined, begin: earlier?.begin });
    const listener: UploadListener = {
      // Where both ends are in one process the result may be there before the stream has noticed its own end.
      onStored: (upload) => {
        this.#result = upload;
        this.#settle();
      },
      onFailed: (error) => void this.destroy(error),
    };
    this.#body = body;
    const plan = { conditions, id, isOlder: earlier !== undefined };
    this.#transfer = new UploadTransfer(requester, plan, { body, listener });
    this.#transfer.start(options, () => neededPath('upload', path));
  }

  get stored(): Promise<StoredUpload> {
    return this.#stored.promise;
  }

  /** Byte of the file up to which nothing is needed any more: the server has taken it in. */
  get takenIn(): number {
    return this.#body.from;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#write([chunk], done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    const pieces = chunks.map(({ chunk }) => chunk);
    this.#write(pieces, done);
  }

  override _final(done: Done): void {
    this.#finish = done;
    this.#transfer.end();
    this.#settle();
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#transfer.cancel();
    this.#stored.reject(() => error ?? new TransferError('ECANCELED'));
    done(error);
  }

  #write(pieces: readonly Buffer[], done: Done): void {
    const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
    const isLast = this.writableEnded && this.writableLength === bytes;
    this.#transfer.write(pieces, done);
    // So it goes out right behind the last byte.
    if (isLast) this.#transfer.end();
  }

  #settle(): void {
    if (!this.#result || !this.#finish) return;
    this.#stored.resolve(this.#result);
    this.#finish();
  }
}
