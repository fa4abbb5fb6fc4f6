/** An upload as a Writable: its `finish` comes when the server has stored the file under its name, whole and verified. */
import { Writable } from 'node:stream';
import { TransferError } from '../../errors.js';
import { rejectUnknownOptions } from '../../options/option.js';
import { parseNonRootPath } from '../request/path-argument.js';
import { Deferred } from '../connection/deferred.js';
import type { ClientContext } from '../request/client-context.js';
import { UploadBody } from './upload-body.js';
import { newUploadId } from './upload-id.js';
import {
  appendOptionNames,
  uploadConditions,
  uploadOptionNames,
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
  readonly #transfer: UploadTransfer;
  #result: StoredUpload | undefined;
  #finish: Done | undefined;

  constructor(
    requester: ClientContext,
    path: string,
    options: UploadOptions,
    method: 'upload' | 'append' = 'upload',
  ) {
    super({ highWaterMark: HIGH_WATER_MARK });
    const append = method === 'append';
    rejectUnknownOptions(method, options, append ? appendOptionNames : uploadOptionNames);
    const conditions = { ...uploadConditions(options), append: append || undefined };
    const id = newUploadId(requester);
    const listener: UploadListener = {
      // Where both ends are in one process the result may be there before the stream has noticed its own end.
      onStored: (upload) => {
        this.#result = upload;
        this.#settle();
      },
      onFailed: (error) => void this.destroy(error),
    };
    // An append sends nothing before it knows the version that it continues: it must never be stored twice.
    const waits = append && conditions.ifMatch === undefined;
    const body = new UploadBody(requester.checksum, { isKept: waits || id !== undefined });
    this.#transfer = new UploadTransfer(requester, { conditions, id, isOlder: waits, body }, listener);
    this.#transfer.start(options, () => parseNonRootPath(method, path));
  }

  get completed(): Promise<StoredUpload> {
    return this.#stored.promise;
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
    this.#transfer.write(pieces, (error) => {
      if (!error) done();
    });
    // So it goes out right behind the last byte.
    if (isLast) this.#transfer.end();
  }

  #settle(): void {
    if (!this.#result || !this.#finish) return;
    this.#stored.resolve(this.#result);
    this.#finish();
  }
}
