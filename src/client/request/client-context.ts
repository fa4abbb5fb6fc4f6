/** What all requests of a client share. */
import type { Codec } from '../../codecs/codec.js';
import type { ChecksumAlgorithm } from '../../protocol/checksum.js';
import type { Dispatcher } from '../connection/dispatcher.js';
import type { RequestTimeouts } from './stall-watch.js';

export interface ClientContext {
  readonly dispatcher: Dispatcher;
  readonly codec: Codec;
  readonly checksum: ChecksumAlgorithm;
  /** Largest header in bytes that the client accepts. */
  readonly maxHeaderBytes: number;
  readonly timeouts: RequestTimeouts;
}
