/** What an upload is given that an earlier process may have begun. */
import type { BodyCheck } from '../protocol/checksum.js';

/** An upload that an earlier process may have begun, of a source that can be read from any byte on. */
export interface EarlierUpload {
  /** The id under which it was begun: 32 lower-case hexadecimal digits. */
  readonly id: string;
  /**
   * Called with the byte from which on the source is to be written. Until then nothing may be written. Returns the sum of
   * all bytes before, which must be complete when the first one is written.
   */
  begin(offset: number): BodyCheck;
}
