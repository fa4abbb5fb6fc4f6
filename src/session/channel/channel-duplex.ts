/**
 * Both bodies of a channel as a Duplex. Each end compares the size and the checksum of the body that it receives.
 *
 *     write -> checksum of the sent body -> channel.send          _final -> channel.end, the `end` frame
 *     channel -> pump -> checksum of the received body -> push    the peer's `end` -> compared -> push(null)
 */
import { Duplex } from 'node:stream';
import { TransferError } from '../../errors.js';
import { BodyChecksum } from '../../protocol/body-checksum.js';
import type { ChecksumAlgorithm } from '../../protocol/checksum.js';
import type { FrameOf } from '../../protocol/frames.js';
import { RUNNING_CHECKSUM_BYTES } from '../../protocol/limits.js';
import type { Channel } from './channel.js';
import { splitAt } from './body/payload.js';

/** Bytes that wait in each direction of the Duplex; more wait in the channel, up to its window. */
const HIGH_WATER_MARK = 256 * 1024;

const NOTHING = new Uint8Array(0);

export type Done = (error?: Error | null) => void;

interface OpenBodies {
  readonly channel: Channel;
  readonly sent: BodyChecksum;
  readonly received: BodyChecksum;
}

export abstract class ChannelDuplex extends Duplex {
  /** Undefined before `accept`. */
  #bodies: OpenBodies | undefined;
  #isReading = false;
  #isInputEnded = false;
  #unsent: readonly Uint8Array[] = [];
  #onWritten: Done | undefined;
  #onFinal: Done | undefined;

  constructor() {
    super({ highWaterMark: HIGH_WATER_MARK });
  }

  /** The request is accepted on a channel: bytes may flow. */
  protected attach(channel: Channel, algorithm: ChecksumAlgorithm): void {
    const [sent, received] = [new BodyChecksum(algorithm), new BodyChecksum(algorithm)];
    this.#bodies = { channel, sent, received };
    if (this.#onWritten) this.#send();
    else if (this.#onFinal) this.#end();
    this.pump();
  }

  /** Whether all bytes of the peer were taken, and compared with its `end`. */
  protected get isInputEnded(): boolean {
    return this.#isInputEnded;
  }

  /** Takes bytes of the channel, as far as there is a reader for them. */
  pump(): void {
    if (!this.#bodies || this.#isInputEnded || this.destroyed) return;
    const { channel, received } = this.#bodies;
    try {
      while (this.#isReading && channel.bufferedBytes > 0) {
        const piece = channel.readChunk(HIGH_WATER_MARK);
        channel.addTo(received, piece);
        channel.consumed(piece.length);
        this.#isReading = this.push(piece);
      }
      if (channel.bufferedBytes === 0 && !this.destroyed) this.#endInput(this.#bodies);
    } catch (thrown) {
      this.destroy(thrown instanceof Error ? thrown : TransferError.from(thrown));
    }
  }

  override _read(): void {
    this.#isReading = true;
    this.pump();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#write([chunk], done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    this.#write(
      chunks.map(({ chunk }) => chunk),
      done,
    );
  }

  override _final(done: Done): void {
    this.#onFinal = done;
    if (this.#bodies) this.#end();
  }

  /** To be called when the stream is destroyed: as for a socket, the write that waits has an error only if the stream has. */
  protected releaseWrite(error: Error | null): void {
    const onWritten = this.#onWritten;
    this.#onWritten = undefined;
    onWritten?.(error);
  }

  /** Throws unless the peer's body is the one that was received. */
  protected abstract compare(received: BodyChecksum, end: FrameOf<'end'>): void;
  /** The `end` frame is sent. `done` emits `finish`. */
  protected abstract onEndSent(done: Done): void;
  /** The peer has ended its body, and all of it was taken. */
  protected onInputEnd(): void {}
  /** Bytes cannot be sent. By default nothing: the end of the channel ends the stream, with the error of its request. */
  protected onSendFailed(_error: TransferError): void {}
  /** Bytes wait for the peer to take them, or no longer. */
  protected onSending(_isSending: boolean): void {}

  #write(pieces: readonly Uint8Array[], done: Done): void {
    this.#unsent = pieces;
    this.#onWritten = done;
    if (this.#bodies) this.#send();
  }

  /** Sends what was written, with a running checksum where one is due. */
  #send(): void {
    if (!this.#bodies) return;
    const { channel, sent } = this.#bodies;
    const { pieces, rest } = splitAt(this.#unsent, RUNNING_CHECKSUM_BYTES);
    this.#unsent = rest;
    const checksum = sent.takeRunning();
    for (const piece of pieces) sent.update(piece);
    this.onSending(true);
    const onSent = (error?: TransferError): void => {
      this.onSending(false);
      if (error) return this.onSendFailed(error);
      if (this.destroyed) return;
      if (rest.length > 0) return this.#send();
      const onWritten = this.#onWritten;
      this.#onWritten = undefined;
      onWritten?.();
    };
    channel.send(pieces, onSent, checksum);
  }

  #end(): void {
    const { channel, sent } = this.#bodies ?? {};
    const done = this.#onFinal;
    if (!channel || !sent || !done) return;
    this.#onFinal = undefined;
    channel.end(sent.bytes, sent.digest());
    this.onEndSent(done);
  }

  #endInput({ channel, received }: OpenBodies): void {
    const { peerEnd, isTruncated } = channel;
    if (isTruncated)
      throw new TransferError('ECONNRESET', 'The connection ended before the end of the body.');
    if (!peerEnd) return;
    // A running checksum may stand in front of the end.
    channel.addTo(received, NOTHING);
    this.compare(received, peerEnd);
    this.#isInputEnded = true;
    this.push(null);
    this.onInputEnd();
  }
}
