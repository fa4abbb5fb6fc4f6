/**
 * An upload of a local file, which a later call goes on with, also one of another process: as long as the file is what
 * it was, the upload has the same id, by which the server knows how much it has.
 *
 *     source: open -> id -> Upload: accepted from byte N -> sum up 0..N, write N.. -> still the same? -> end
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { TransferError } from '../errors.js';
import { BodyCheck } from '../protocol/checksum.js';
import { dateOption, flagOption, refuseUnknown, textOption } from '../protocol/option.js';
import type { RemotePath } from '../protocol/remote-path.js';
import { callOptionNames, type CallOptions } from './abort.js';
import { neededPath } from './asked-path.js';
import { CallLimit } from './call-limit.js';
import { Deferred } from './deferred.js';
import { hasCode } from './local-failure.js';
import { sumUp } from './local-reading.js';
import { LocalSource } from './local-source.js';
import { progressOption, type ProgressListener } from './progress.js';
import type { Requester } from './requester.js';
import { Upload } from './upload.js';
import type { StoredUpload } from './upload-stream.js';

/** How to upload a local file. */
export interface UploadFileOptions extends CallOptions {
  /** The time of change that the file is to have; true: that of the local file; false: when it is stored. Default true. */
  mtime?: Date | number | boolean | undefined;
  /** Whether an existing file may be replaced; EEXIST otherwise. Default true. */
  overwrite?: boolean | undefined;
  /** Only if the existing file has this etag; ESTALE otherwise. */
  ifMatch?: string | undefined;
  /** Told how far it has come. */
  onProgress?: ProgressListener | undefined;
}

/** A local file that was stored. */
export interface UploadedFile extends StoredUpload {
  /** Bytes that the server had of an earlier call, and that did not have to be sent once more. */
  readonly resumedFrom: number;
}

/** What to upload, and where to. */
export interface UploadPlaces {
  readonly localPath: string | URL;
  readonly path: string;
}

const OPTION_NAMES = ['mtime', 'overwrite', 'ifMatch', 'onProgress', ...callOptionNames];

/** Uploads a local file. Throws a TypeError for an option that is wrong. */
export async function uploadFile(
  requester: Requester,
  places: UploadPlaces,
  options: UploadFileOptions,
): Promise<UploadedFile> {
  const settings = uploadSettings(options);
  const path = neededPath('upload', places.path);
  try {
    return await CallLimit.during(options, async (limit) => {
      const source = await LocalSource.open(places.localPath);
      try {
        return await new FileUpload(requester, { source, path, settings, limit }).run();
      } finally {
        await source.close();
      }
    });
  } catch (error) {
    // What a listener throws is its own.
    throw error instanceof TransferError ? TransferError.from(error, { operation: 'upload', path }) : error;
  }
}

type Settings = ReturnType<typeof uploadSettings>;

function uploadSettings(options: UploadFileOptions) {
  refuseUnknown('uploadFile', options, OPTION_NAMES);
  const { mtime = true, overwrite, ifMatch, onProgress } = options;
  return {
    mtime: typeof mtime === 'boolean' ? mtime : dateOption('mtime', mtime),
    overwrite: flagOption('overwrite', overwrite) ?? true,
    ifMatch: textOption('ifMatch', ifMatch),
    onProgress: progressOption(onProgress),
  };
}

interface Plan {
  readonly source: LocalSource;
  readonly path: RemotePath;
  readonly settings: Settings;
  readonly limit: CallLimit;
}

class FileUpload {
  readonly #requester: Requester;
  readonly #plan: Plan;
  /** Of the source from its first byte on; what is summed up once is of use to every attempt. */
  #sum: BodyCheck;
  #summing = false;
  #restarted = false;

  constructor(requester: Requester, plan: Plan) {
    this.#requester = requester;
    this.#plan = plan;
    this.#sum = new BodyCheck(requester.checksum);
  }

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
    const upload = new Upload(this.#requester, this.#plan.path, this.#options(), { id: this.#id(), begin });
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
    const { source, settings } = this.#plan;
    const offset = await begun;
    if (offset > source.size) throw new TransferError('EPROTO', 'The server has more than there is to send.');
    this.#summing = true;
    await sumUp(source.pieces({ from: this.#sum.bytes, to: offset }), { sum: this.#sum, check });
    this.#summing = false;
    let bytes = offset;
    settings.onProgress(bytes, source.size);
    for await (const piece of source.pieces({ from: offset, to: source.size, free })) {
      bytes += piece.length;
      yield piece;
      settings.onProgress(bytes, source.size);
    }
    // Before the stream is ended: what was put together of two versions is never stored.
    await source.requireUnchanged();
    return undefined;
  }

  #options() {
    const { source, limit } = this.#plan;
    const { overwrite, ifMatch } = this.#plan.settings;
    return { size: source.size, mtime: this.#mtime, overwrite, ifMatch, signal: limit.signal };
  }

  get #mtime(): Date | number | undefined {
    const { mtime } = this.#plan.settings;
    if (mtime === true) return this.#plan.source.mtime;
    return mtime === false ? undefined : mtime;
  }

  /** The same for the same bytes to the same place under the same conditions, by whichever process. */
  #id(): string {
    const { source, path, settings } = this.#plan;
    const { overwrite, ifMatch } = settings;
    const { checksum } = this.#requester;
    const conditions = [overwrite, ifMatch ?? null, Number(this.#mtime ?? NaN), checksum];
    const all = [hostname(), process.getuid?.() ?? null, source.identity, path, conditions];
    return createHash('sha256').update(JSON.stringify(all)).digest('hex').slice(0, 32);
  }
}
