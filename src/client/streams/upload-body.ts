/**
 * The bytes of an upload: their checksum, and those that can be sent again after an interruption. A stream keeps what is
 * not acknowledged, so it can be resumed without being read twice.
 *
 *     push -> checksum, #kept        acknowledge(bytes) -> dropped from #kept        resume(offset) -> the bytes to send
 *          -> #marks: the running checksums of the bytes to send -> sendTo(channel)
 */
import { TransferError } from '../../errors.js';
import { BodyChecksum } from '../../protocol/body-checksum.js';
import { type ChecksumAlgorithm } from '../../protocol/checksum.js';
import { splitAt } from '../../session/channel/body/payload.js';
import type { ClientChannel } from '../../session/channel/client-channel.js';
import { ByteQueue } from '../../session/channel/byte-queue.js';

/** The checksum of all bytes before an offset. */
interface Mark {
  readonly offset: number;
  readonly checksum: string;
}

/** Times that all bytes are sent again because of damage. */
const MAX_DAMAGES = 2;

/** Which bytes can be sent again. */
export interface UploadSource {
  /** All bytes, if they stay in memory until the upload has ended. */
  readonly whole?: Uint8Array;
  /** Whether written bytes are kept until they are acknowledged: at most a window, because no more is sent. */
  readonly isKept?: boolean;
}

/** Offsets count bytes of the file. */
export class UploadBody {
  readonly #source: UploadSource;
  readonly #kept = new ByteQueue({ isExact: true });
  #check: BodyChecksum;
  /** The running checksums at bytes that may still be sent. */
  #marks: Mark[] = [];
  #from = 0;
  #channelFrom = 0;
  #acknowledged = 0;
  #damages = 0;
  #isLost = false;

  constructor(algorithm: ChecksumAlgorithm, source: UploadSource) {
    this.#source = source;
    this.#check = new BodyChecksum(algorithm);
  }

  /** Count and checksum of all bytes up to the last written one. */
  get check(): BodyChecksum {
    return this.#check;
  }

  /** The lowest offset that can be sent. */
  get from(): number {
    return this.#from;
  }

  /** The highest offset up to which the server has said that it has the bytes. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Whether written bytes are kept until they are acknowledged. */
  get isKept(): boolean {
    return this.#source.isKept === true;
  }

  /** Sets where writing begins. `check` has the bytes before, at the latest when the first byte is written. */
  begin(offset: number, check: BodyChecksum): void {
    this.#from = offset;
    this.#check = check;
    this.#marks = [];
  }

  /** Adds the next bytes. The caller must not change them any more. */
  push(piece: Uint8Array): void {
    if (piece.length <= this.#check.bytesToRunning) this.#check.update(piece);
    else this.#updateInParts(piece);
    if (this.#source.isKept) this.#kept.keep(piece);
  }

  /** Sends pieces on the current channel, with running checksums. Calls `done` when the next call may follow. */
  sendTo(
    channel: Pick<ClientChannel, 'send' | 'bytesSent'> | undefined,
    pieces: readonly Uint8Array[],
    done: (error?: TransferError) => void,
  ): void {
    if (!channel) return;
    const offset = this.#channelFrom + channel.bytesSent;
    const next = this.#marks.find((mark) => mark.offset > offset);
    const { pieces: first, rest } = next ? splitAt(pieces, next.offset - offset) : { pieces, rest: [] };
    const onSent = (error?: TransferError): void =>
      error || rest.length === 0 ? done(error) : this.sendTo(channel, rest, done);
    channel.send(first, onSent, this.#marks.find((mark) => mark.offset === offset)?.checksum);
  }

  /** Adds a piece to the checksum, which is kept where a running checksum is due. */
  #updateInParts(piece: Uint8Array): void {
    const check = this.#check;
    for (let at = 0; at < piece.length;) {
      const checksum = check.takeRunning();
      if (checksum !== undefined) this.#marks.push({ offset: check.bytes, checksum });
      const part = piece.subarray(at, at + check.bytesToRunning);
      check.update(part);
      at += part.length;
    }
  }

  /**
   * Whether to send all bytes again because the server has found them damaged. Not often: if the program has changed bytes
   * that it has written, they differ from their checksum each time.
   */
  repeatsAfterDamage(): boolean {
    this.#isLost = this.#from > 0;
    return !this.#isLost && this.#damages++ < MAX_DAMAGES;
  }

  /** Whether the server has discarded damaged bytes, some of which it had acknowledged, so that they are not kept here. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** All bytes from an offset, as the body of the next channel. Throws EGONE or EPROTO if they cannot be sent. */
  resume(offset: number): readonly Uint8Array[] {
    const { whole } = this.#source;
    if (offset < this.#from) {
      const reason = `The server has lost acknowledged bytes of the upload: it asks for byte ${offset}, and those before ${this.#from} are gone.`;
      throw new TransferError('EGONE', reason);
    }
    const end = whole?.length ?? this.#from + this.#kept.length;
    if (offset > end) {
      const reason = `The server asks for byte ${offset} of an upload of ${end} bytes.`;
      throw new TransferError('EPROTO', reason);
    }
    this.#channelFrom = offset;
    this.acknowledge(0);
    if (whole) return [whole.subarray(offset)];
    return this.#kept.contents();
  }

  /** The server has acknowledged this many bytes of the current channel's body. */
  acknowledge(bytes: number): void {
    const offset = this.#channelFrom + bytes;
    this.#acknowledged = Math.max(this.#acknowledged, offset);
    if (!this.#source.isKept || offset <= this.#from) return;
    this.#kept.drop(offset - this.#from);
    this.#from = offset;
    this.#marks = this.#marks.filter((mark) => mark.offset >= offset);
  }
}
