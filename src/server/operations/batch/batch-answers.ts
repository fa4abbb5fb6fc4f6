/** The body of the answer to a batch: the answers of its requests, in their order, collected into pieces. */
import type { Codec } from '../../../codecs/codec.js';
import { BodyChecksum } from '../../../protocol/body-checksum.js';
import type { ChecksumAlgorithm } from '../../../protocol/checksum.js';
import type { TransferError } from '../../../errors.js';
import { errorFrame } from '../../../session/channel/server-channel.js';
import type { Exchange } from '../../request/exchange.js';
import type { BatchedAnswer } from './batched-operations.js';

/** Bytes of answers that are sent together. */
const PIECE_BYTES = 64 * 1024;

export class BatchAnswers {
  /** Of what was sent. */
  readonly check: BodyChecksum;
  readonly #exchange: Exchange;
  readonly #codec: Codec;
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  constructor(exchange: Exchange, codec: Codec, algorithm: ChecksumAlgorithm) {
    this.#exchange = exchange;
    this.#codec = codec;
    this.check = new BodyChecksum(algorithm);
  }

  /** Adds the answer to a request. Returns a promise only when a piece is full. */
  add(id: number, answer: BatchedAnswer | TransferError): Promise<void> | undefined {
    if (!('fields' in answer)) {
      this.#push(this.#codec.encode(errorFrame(answer, id)));
    } else {
      const { bytes, fields } = answer;
      if (bytes && bytes.length > 0) this.#addBytes(id, bytes);
      this.#push(this.#codec.encode({ type: 'result', id, ...fields }));
    }
    return this.#bytes < PIECE_BYTES ? undefined : this.flush();
  }

  /** Sends what was added. Resolves when the connection has taken it. */
  async flush(): Promise<void> {
    if (this.#bytes === 0) return;
    const piece = Buffer.concat(this.#pieces, this.#bytes);
    this.#pieces = [];
    this.#bytes = 0;
    const checksum = this.check.takeRunning();
    this.check.update(piece);
    await this.#exchange.write(piece, checksum);
  }

  #addBytes(id: number, bytes: Uint8Array): void {
    this.#push(this.#codec.encode({ type: 'data', id, length: bytes.length }));
    this.#push(bytes);
    this.#push(this.#codec.payloadTrailer);
  }

  #push(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
  }
}
