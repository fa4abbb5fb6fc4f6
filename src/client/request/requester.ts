/** What a client's requests work with. */
import type { Codec } from '../../codecs/codec.js';
import type { ChecksumAlgorithm } from '../../protocol/checksum.js';
import type { Link } from '../connection/link.js';
import type { Patience } from './stall-watch.js';

export interface Requester {
  readonly link: Link;
  readonly codec: Codec;
  readonly checksum: ChecksumAlgorithm;
  /** Bytes of a header that the client takes. */
  readonly maxHeaderBytes: number;
  readonly patience: Patience;
}
