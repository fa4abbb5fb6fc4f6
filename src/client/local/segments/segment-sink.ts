/** Where the bytes of one segment are written: its place in the part file. */
import { bytesOfPieces } from '../../../fs/pieces.js';
import type { PartialDownload } from '../partial-download/partial-download.js';
import type { Segment } from './segment-list.js';

type Pieces = readonly Uint8Array[];
type Part = Pick<PartialDownload, 'write' | 'writeSync'>;

export class SegmentSink {
  readonly #part: Part;
  readonly #from: number;
  readonly #onBytes: (bytes: number) => void;
  #position: number;
  #reported: number;
  #writing: Promise<void> = Promise.resolve();
  #hasFailed = false;

  /** @param onBytes - called with the number of further bytes that are written; an error thrown here ends the writing */
  constructor(part: Part, { from }: Segment, onBytes: (bytes: number) => void) {
    this.#part = part;
    this.#from = this.#position = this.#reported = from;
    this.#onBytes = onBytes;
  }

  /** Bytes that were reported. */
  get written(): number {
    return this.#reported - this.#from;
  }

  /** Whether the file system or the program has ended the writing, not the connection. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  writeSync(pieces: Pieces): Pieces {
    try {
      const rest = this.#part.writeSync(pieces, this.#position);
      this.#position += bytesOfPieces(pieces) - bytesOfPieces(rest);
      return rest;
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }

  async write(pieces: Pieces): Promise<void> {
    this.#writing = this.local(this.#part.write(pieces, this.#position));
    await this.#writing;
    this.#position += bytesOfPieces(pieces);
  }

  /** Reports the bytes that were written. */
  onWritten(): void {
    const bytes = this.#position - this.#reported;
    this.#reported = this.#position;
    try {
      this.#onBytes(bytes);
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }

  /** Awaits work of the file system, whose failure ends the writing. */
  async local(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }

  /** Resolves when no write is running: a later one to the same place must not be overtaken. */
  async idle(): Promise<void> {
    await this.#writing.catch(() => undefined);
  }
}
