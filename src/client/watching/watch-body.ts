/**
 * The body of a watch on one channel: bytes -> frames, which are given only when a checksum of the server has verified them.
 */
import type { Decoder, FrameSink } from '../../codecs/codec.js';
import { protocolError, type TransferError } from '../../errors.js';
import { BodyChecksum } from '../../protocol/body-checksum.js';
import type { Frame, FrameOf, UnknownFrame } from '../../protocol/frames.js';
import type { ClientChannel } from '../../session/channel/client-channel.js';
import type { BodySum } from '../../session/channel/received-checksums.js';
import type { ClientContext } from '../request/client-context.js';

/** Bytes of the body that are decoded at once. */
const BATCH_BYTES = 64 * 1024;

/** Bytes without a checksum: several times as many as a server may send. */
const MAX_UNVERIFIED_BYTES = 512 * 1024;

/** A frame, and the bytes of the body up to the end of it or a little more. */
interface DecodedFrame {
  readonly frame: FrameOf<'change'>;
  readonly end: number;
}

export class WatchBody {
  readonly #channel: ClientChannel;
  readonly #check: BodyChecksum;
  readonly #sum: BodySum;
  readonly #decoder: Decoder;
  #decoded: DecodedFrame[] = [];
  #verifiedBytes = 0;
  #error: TransferError | undefined;

  constructor({ codec, maxHeaderBytes, checksum }: ClientContext, channel: ClientChannel) {
    this.#channel = channel;
    channel.verifiesEach = true;
    this.#check = new BodyChecksum(checksum);
    this.#sum = {
      algorithm: checksum,
      update: (bytes) => this.#check.update(bytes),
      digest: () => this.#check.digest(),
      onVerified: () => (this.#verifiedBytes = this.#check.bytes),
    };
    const sink: FrameSink = {
      frame: (frame) => this.#add(frame),
      payload: () => undefined,
      error: (error) => (this.#error ??= error),
    };
    this.#decoder = codec.decoder(sink, { maxHeaderBytes, maxFrameBytes: 0 });
  }

  /** Takes some of the bytes that have arrived. Returns the frames that are verified now. Throws EPROTO or EBADMSG. */
  take(): FrameOf<'change'>[] {
    // A checksum may have arrived behind the bytes.
    if (this.#channel.bufferedBytes === 0) this.#channel.verify(this.#sum);
    for (const piece of this.#channel.take(BATCH_BYTES)) {
      this.#channel.addTo(this.#sum, piece);
      this.#decoder.write(piece);
      this.#channel.consumed(piece.length);
    }
    if (this.#error) throw this.#error;
    return this.#verified();
  }

  #verified(): FrameOf<'change'>[] {
    const { algorithm, bytes } = this.#check;
    if (algorithm === 'none') this.#verifiedBytes = bytes;
    if (bytes - this.#verifiedBytes > MAX_UNVERIFIED_BYTES)
      throw protocolError('The server has sent changes of a watch without their checksums.');
    const rest = this.#decoded.findIndex(({ end }) => end > this.#verifiedBytes);
    const verified = rest < 0 ? this.#decoded : this.#decoded.slice(0, rest);
    this.#decoded = rest < 0 ? [] : this.#decoded.slice(rest);
    return verified.map(({ frame }) => frame);
  }

  #add(frame: Frame | UnknownFrame): void {
    if (frame.type === 'change') this.#decoded.push({ frame, end: this.#check.bytes });
    else if (frame.type !== 'unknown')
      this.#error ??= protocolError(`The body of a watch has a frame of the type ${frame.type}.`);
  }
}
