/** What a client's requests work with. */
import type { Codec } from '../../codecs/codec.js';
import type { ChecksumAlgorithm } from '../../protocol/checksum.js';
import type { Dispatcher } from '../connection/dispatcher.js';
import type { RequestTimeouts } from './stall-watch.js';

export interface ClientContext {
  readonly dispatcher: Dispatcher;
  readonly codec: Codec;
  readonly checksum: ChecksumAlgorithm;
  /** Bytes of a header that the client takes. */
  readonly maxHeaderBytes: number;
  readonly timeouts: RequestTimeouts;
}
