/**
 * An upload of bytes that are all in memory, and stay there until it is over: it needs no stream, and no ack, and after
 * a cut the server may want them from any byte on.
 *
 *     begun anew:    all bytes -> the end right behind them -> result
 *     gone on with:  accepted from byte N -> the rest -> the end -> result        or stored before: result
 */
import { TransferError } from '../errors.js';
import { BodyCheck } from '../protocol/checksum.js';
import { parseEntry } from '../protocol/entry.js';
import type { FrameOf } from '../protocol/frames.js';
import type { RemotePath } from '../protocol/remote-path.js';
import type { ClientChannel } from '../session/client-channel.js';
import type { RequestFields } from '../session/client-session.js';
import { checkEcho } from './asked-path.js';
import type { ProgressListener } from './progress.js';
import { Request, type RequestOwner } from './request.js';
import type { Requester } from './requester.js';
import type { StoredUpload } from './upload-stream.js';

/** What is to be stored, and how. */
export interface WholePlan {
  readonly path: RemotePath;
  readonly bytes: Uint8Array;
  readonly conditions: Pick<RequestFields, 'mtime' | 'overwrite' | 'ifMatch'>;
  /** Under which it can be gone on with; undefined if it cannot. */
  readonly id: string | undefined;
  /** Whether an earlier process may have begun it, so that the server has to say from where on. */
  readonly isOlder: boolean;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ProgressListener | undefined;
  /** Called where nobody holds the bytes any more: all of them were taken in from the only connection they were on. */
  readonly free: () => void;
}

/** What was stored, and how many of its bytes the server had before. */
export type StoredWhole = StoredUpload & { readonly resumedFrom: number };

/** Stores it; to be called with bytes that do not change any more. */
export function uploadWhole(requester: Requester, plan: WholePlan): Promise<StoredWhole> {
  return new Promise((resolve, reject) => {
    new WholeUpload(requester, plan, { resolve, reject }).start();
  });
}

interface Settling {
  readonly resolve: (stored: StoredWhole) => void;
  readonly reject: (error: unknown) => void;
}

class WholeUpload implements RequestOwner {
  readonly wants = 'nothing';
  readonly #plan: WholePlan;
  readonly #settling: Settling;
  readonly #request: Request;
  readonly #check: BodyCheck;
  /** Whether the server knows of it, so that it has to say where to go on. */
  #known: boolean;
  #wasInterrupted = false;
  /** Whether all that the current channel has to say is said. */
  #ended = false;
  /** Whether the server has said of the current channel where to go on. */
  #placed = false;
  #resumedFrom: number | undefined;
  #toldBytes = -1;
  #over = false;

  constructor(requester: Requester, plan: WholePlan, settling: Settling) {
    this.#plan = plan;
    this.#settling = settling;
    this.#known = plan.isOlder;
    this.#check = new BodyCheck(requester.checksum);
    this.#check.update(plan.bytes);
    this.#request = new Request(requester, this);
  }

  start(): void {
    this.#request.start({ signal: this.#plan.signal });
  }

  repeatable(): boolean {
    return true;
  }

  fields(): RequestFields {
    const { path, bytes, conditions, id } = this.#plan;
    const { mtime, overwrite, ifMatch } = conditions;
    return {
      op: 'upload',
      path,
      size: bytes.length,
      mtime,
      overwrite,
      ifMatch,
      checksum: this.#check.algorithm,
      upload: id,
      offset: this.#known ? 0 : undefined,
    };
  }

  begun(): void {
    if (!this.#known) this.#sendFrom(0);
  }

  accepted(frame: FrameOf<'accept'>): void {
    checkEcho(this.#plan.path, frame.path);
    if (!this.#known || this.#placed) return;
    this.#placed = true;
    const { offset = 0 } = frame;
    if (offset > this.#plan.bytes.length) {
      throw new TransferError('EPROTO', 'The server has more than there is to send.');
    }
    this.#sendFrom(offset);
  }

  interrupted(): void {
    this.#wasInterrupted = true;
    this.#known = true;
    this.#placed = false;
    this.#ended = false;
  }

  settled(outcome: FrameOf<'result'> | TransferError): void {
    const { resolve, reject } = this.#settling;
    this.#over = true;
    try {
      if (outcome instanceof TransferError) throw outcome;
      resolve(this.#completed(outcome));
      if (!this.#wasInterrupted) this.#plan.free();
    } catch (thrown) {
      reject(thrown);
    }
  }

  #sendFrom(offset: number): void {
    const { channel } = this.#request;
    if (!channel) return;
    this.#resumedFrom ??= offset;
    this.#tell(channel, offset, () => {
      channel.send([this.#plan.bytes.subarray(offset)], (error) => {
        // What became of the channel is told by other ways.
        if (!error) this.#tell(channel, this.#plan.bytes.length, () => this.#end(channel));
      });
    });
  }

  #end(channel: ClientChannel): void {
    this.#ended = true;
    channel.end(this.#check.bytes, this.#check.digest());
  }

  /** Goes on when the listener has been told, if there is one: not while the connection is at work. */
  #tell(channel: ClientChannel, bytes: number, goOn: () => void): void {
    const { onProgress } = this.#plan;
    if (!onProgress || bytes <= this.#toldBytes) return goOn();
    this.#toldBytes = bytes;
    process.nextTick(() => {
      if (this.#over) return;
      try {
        onProgress(bytes, this.#plan.bytes.length);
      } catch (thrown) {
        return this.#giveUp(thrown);
      }
      // The listener may have ended it, and the connection may be lost.
      if (!this.#isOver() && this.#request.channel === channel) goOn();
    });
  }

  // A listener may have changed it meanwhile, which the compiler cannot know of the field.
  #isOver(): boolean {
    return this.#over;
  }

  #giveUp(thrown: unknown): void {
    this.#over = true;
    this.#request.cancel();
    this.#settling.reject(thrown);
  }

  #completed(result: FrameOf<'result'>): StoredWhole {
    const isStoredBefore = this.#known && !this.#placed;
    if (!this.#ended && !isStoredBefore) {
      throw new TransferError('EPROTO', 'The server ends an upload that is not complete.');
    }
    checkEcho(this.#plan.path, result.path);
    const entry = parseEntry(result);
    this.#check.compare({ bytes: result.bytes, checksum: result.checksum });
    const checksum = result.checksum === undefined ? undefined : this.#check.digest();
    return { checksum, resumedFrom: this.#resumedFrom ?? this.#check.bytes, ...entry };
  }
}
