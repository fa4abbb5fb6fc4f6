/** A value that arrives as a body. */
import { isUtf8 } from 'node:buffer';
import { protocolError } from '../../errors.js';
import { BodyChecksum } from '../../protocol/body-checksum.js';
import { assertAlgorithm, type ChecksumAlgorithm } from '../../protocol/checksum.js';
import type { FrameOf } from '../../protocol/frames.js';
import { tooLarge } from '../../protocol/methods/json-value.js';
import type { ClientChannel } from '../../session/channel/client-channel.js';

/** Bytes that are taken from the channel at once. */
const READ_BYTES = 256 * 1024;

export class ReceivedValue {
  readonly #size: number;
  readonly #check: BodyChecksum;
  readonly #pieces: Buffer[] = [];

  /** Throws EMSGSIZE if it is announced with too many bytes, EPROTO for a checksum of another algorithm. */
  constructor(
    { size = 0, checksum }: Pick<FrameOf<'accept'>, 'size' | 'checksum'>,
    { maxBytes, algorithm }: { readonly maxBytes: number; readonly algorithm: ChecksumAlgorithm },
  ) {
    if (size > maxBytes) throw tooLarge('output', size, maxBytes);
    assertAlgorithm(algorithm, checksum);
    this.#size = size;
    this.#check = new BodyChecksum(algorithm);
  }

  /** Takes what has arrived. Throws EPROTO for more bytes than were announced. */
  read(channel: ClientChannel): void {
    for (const piece of channel.take(READ_BYTES)) {
      channel.addTo(this.#check, piece);
      channel.consumed(piece.length);
      this.#pieces.push(piece);
    }
    if (this.#check.bytes > this.#size) throw this.#wrongSize();
  }

  /** The text, once it is complete. Throws EBADMSG if it was damaged on its way. */
  finish({ bytes, checksum }: FrameOf<'result'>): string {
    this.#check.compareAnswer({ bytes, checksum });
    if (this.#check.bytes !== this.#size) throw this.#wrongSize();
    const whole = Buffer.concat(this.#pieces);
    if (!isUtf8(whole)) throw protocolError('The server has sent a value that is not UTF-8.');
    return whole.toString();
  }

  #wrongSize(): Error {
    return protocolError(`The server has announced ${this.#size} bytes, and sent ${this.#check.bytes}.`);
  }
}
