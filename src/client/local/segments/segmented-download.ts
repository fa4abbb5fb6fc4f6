/**
 * Downloads the missing segments of a file over several connections: that of the client and further ones.
 *
 *     run -> lanes of each connection: take a segment -> Download -> part file, metadata -> the next one
 *         -> a further connection fails: its segments are given back, and the others take them
 *         -> the client's own fails, or the file system: the call fails
 */
import { pipeline } from 'node:stream/promises';
import { protocolError, TransferError } from '../../../errors.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { AbortScope } from '../../request/abort-scope.js';
import type { ClientContext } from '../../request/client-context.js';
import { Download } from '../../streams/download.js';
import { PartWriter } from '../partial-download/part-writer.js';
import type { PartialDownload } from '../partial-download/partial-download.js';
import type { Segment, SegmentList } from './segment-list.js';
import { SegmentSink } from './segment-sink.js';

/** Segments that a connection downloads at once: while one is asked for, the bytes of another one arrive. */
const LANES = 2;

/** Attempts of the client's own connection after damage, without a further segment that is complete. */
const MAX_DAMAGED_ATTEMPTS = 3;

/** Time in ms for a further connection to say goodbye. */
const CLOSE_GRACE_MS = 1_000;

/** A download in segments. */
export interface SegmentedPlan {
  readonly path: RemotePath;
  readonly etag: string;
  readonly list: SegmentList;
  readonly scope: AbortScope;
  readonly connections: number;
  /** Called with the bytes of the file that are there, after each write. An exception fails the download. */
  readonly onWritten: (bytes: number) => void;
}

/** A connection that takes part. */
interface Member {
  readonly context: ClientContext;
  readonly isFurther: boolean;
  /** Whether it has completed a segment since its last failure. */
  hasProgressed: boolean;
}

export class SegmentedDownload {
  readonly #part: PartialDownload;
  readonly #plan: SegmentedPlan;
  readonly #own: Member;
  readonly #running = new Set<Download>();
  /** Bytes of segments that are not complete. */
  #incompleteBytes = 0;
  #damagedAttempts = 0;
  #failure: { readonly error: unknown } | undefined;
  #refusal: TransferError | undefined;

  constructor(context: ClientContext, part: PartialDownload, plan: SegmentedPlan) {
    this.#part = part;
    this.#plan = plan;
    this.#own = { context, isFurther: false, hasProgressed: false };
  }

  /** The server's answer that has ended the download, if one has. */
  get refusal(): TransferError | undefined {
    return this.#refusal;
  }

  /** Resolves when all segments are in the part file. No write is running when it settles. */
  async run(): Promise<void> {
    const { list, connections } = this.#plan;
    const further = Array.from({ length: connections - 1 }, () => this.#further());
    try {
      await this.#runLanes([this.#own, ...further]);
      // What a further connection has given back when the others had ended.
      while (list.missing.length > 0 && !this.#failure) await this.#runLanes([this.#own]);
    } finally {
      for (const { context } of further) void context.dispatcher.close(CLOSE_GRACE_MS);
    }
    if (this.#failure) throw this.#failure.error;
  }

  #further(): Member {
    return { context: this.#own.context.further(), isFurther: true, hasProgressed: true };
  }

  async #runLanes(members: readonly Member[]): Promise<void> {
    const lanes = members.flatMap((member) => Array.from({ length: LANES }, () => this.#lane(member)));
    await Promise.all(lanes);
  }

  async #lane(member: Member): Promise<void> {
    const { list } = this.#plan;
    for (let hasEnded = false; !hasEnded && !this.#failure;) {
      const segment = list.take();
      if (!segment) return;
      if (await this.#download(member, segment)) {
        member.hasProgressed = true;
        this.#damagedAttempts = 0;
      } else {
        list.giveBack(segment);
        // Such as one that the server refuses, because it has enough of them.
        hasEnded = member.isFurther && !member.hasProgressed;
        member.hasProgressed = false;
      }
    }
  }

  /** Downloads a segment. Resolves with false if it must be downloaded again, or the whole download has failed. */
  async #download(member: Member, segment: Segment): Promise<boolean> {
    const { path, etag, scope, list } = this.#plan;
    const length = segment.to - segment.from;
    const options = { offset: segment.from, length, ifMatch: etag, signal: scope.signal };
    const download = new Download(member.context, path, options);
    // `completed` rejects with the same error.
    download.on('error', () => undefined);
    this.#running.add(download);
    const sink = new SegmentSink(this.#part, segment, (bytes) => this.#countWritten(bytes));
    try {
      await pipeline(download, new PartWriter(sink, () => sink.onWritten()));
      const { checksum, bytes } = await download.completed;
      if (bytes !== length) throw protocolError(`The server has sent ${bytes} bytes instead of ${length}.`);
      if (checksum !== undefined) await sink.local(this.#part.noteSegment(segment.index, checksum));
      list.complete(segment);
      return true;
    } catch (error) {
      await sink.idle();
      if (sink.hasFailed || !(member.isFurther || this.#canRepeat(download))) this.#fail(error, download);
      return false;
    } finally {
      this.#incompleteBytes -= sink.written;
      this.#running.delete(download);
    }
  }

  #countWritten(bytes: number): void {
    this.#incompleteBytes += bytes;
    this.#plan.onWritten(this.#plan.list.completeBytes + this.#incompleteBytes);
  }

  #canRepeat({ bytesBeforeDamage }: Download): boolean {
    if (bytesBeforeDamage === undefined || !this.#own.context.dispatcher.reconnects) return false;
    return this.#damagedAttempts++ < MAX_DAMAGED_ATTEMPTS;
  }

  #fail(error: unknown, { refusal }: Download): void {
    if (this.#failure) return;
    this.#failure = { error };
    this.#refusal = refusal;
    // With an error: a pipeline waits for ever for the end of a stream that was destroyed without one after its last byte.
    const reason = new TransferError('ECANCELED', 'Another part of the download has failed.');
    for (const download of this.#running) download.destroy(reason);
  }
}
