/**
 * The results of completed uploads by id, for clients that did not receive them. A result stays whatever becomes of the
 * path: the upload has been carried out, and must not be carried out again. Bounded in number, bytes and time for each
 * account, so that no client makes the server forget the results of others, and in bytes for all of them.
 */
import { systemClock, type Clock } from '../../clock.js';
import { LinkedMap } from '../../collections/linked-map.js';
import { MAX_ANSWER_BYTES, MAX_SESSION_ANSWER_BYTES } from '../../protocol/limits.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import type { AnswerFields } from '../../session/channel/server-channel.js';

export interface CompletedUpload {
  readonly path: RemotePath;
  readonly result: AnswerFields<'result'>;
  /** The key under which its client shares limits with others. */
  readonly account: string;
}

export interface CompletedUploadLimits {
  /** Results of one account. */
  readonly maxSuspendedUploads: number;
  readonly suspendedExpiryMs: number;
}

interface Kept extends CompletedUpload {
  readonly id: string;
  readonly bytes: number;
  readonly at: number;
}

interface Account {
  bytes: number;
  /** The oldest first. */
  readonly uploads: LinkedMap<string, Kept>;
}

/** Bytes of memory of a result without texts, with its places in maps. */
const RESULT_BYTES = 768;

export class CompletedUploads {
  readonly #limits: CompletedUploadLimits;
  readonly #now: Clock;
  /** The oldest first. */
  readonly #uploads = new LinkedMap<string, Kept>();
  readonly #accounts = new Map<string, Account>();
  #bytes = 0;

  constructor(limits: CompletedUploadLimits, now: Clock = systemClock) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Number of results. */
  get size(): number {
    return this.#uploads.size;
  }

  keep(id: string, upload: CompletedUpload): void {
    this.forget(id);
    this.#dropExpired();
    const { path, result, account: key } = upload;
    const kept = { id, path, result, account: key, bytes: bytesOf(upload), at: this.#now() };
    const account = this.#accounts.get(key) ?? { bytes: 0, uploads: new LinkedMap() };
    this.#accounts.set(key, account);
    account.uploads.set(id, kept);
    account.bytes += kept.bytes;
    this.#uploads.set(id, kept);
    this.#bytes += kept.bytes;
    const { maxSuspendedUploads } = this.#limits;
    while (account.uploads.size > maxSuspendedUploads || account.bytes > MAX_SESSION_ANSWER_BYTES) {
      this.#drop(account.uploads.first);
    }
    while (this.#bytes > MAX_ANSWER_BYTES) this.#drop(this.#uploads.first);
  }

  /** The result of an upload, if it is remembered and was for this path. */
  resultOf(id: string, path: RemotePath): AnswerFields<'result'> | undefined {
    this.#dropExpired();
    const kept = this.#uploads.get(id);
    return kept?.path === path ? kept.result : undefined;
  }

  forget(id: string): void {
    this.#drop(this.#uploads.get(id));
  }

  /** A timer is not needed: what no client asks for is bounded anyway. */
  #dropExpired(): void {
    const oldest = this.#now() - this.#limits.suspendedExpiryMs;
    for (let { first } = this.#uploads; first && first.at <= oldest; { first } = this.#uploads)
      this.#drop(first);
  }

  #drop(kept: Kept | undefined): void {
    if (!kept) return;
    const { id, bytes, account: key } = kept;
    this.#uploads.delete(id);
    this.#bytes -= bytes;
    const account = this.#accounts.get(key);
    account?.uploads.delete(id);
    if (account) account.bytes -= bytes;
    if (account?.uploads.size === 0) this.#accounts.delete(key);
  }
}

function bytesOf({ path, result: { etag = '', checksum = '' } }: CompletedUpload): number {
  return RESULT_BYTES + 2 * (path.length + etag.length + checksum.length);
}
