/** A file that is read by a stream. Reads in order share one stream; a read at another position opens a new one. */
import type { Readable } from 'node:stream';
import { TransferError } from '../../errors.js';
import type { FileEntry } from '../../protocol/entry.js';
import type { StoredFile } from '../storage.js';

/** Opens a stream that starts at a position. */
type OpenStream = (start: number) => Promise<Readable>;

export class StreamFile implements StoredFile {
  readonly entry: FileEntry;
  readonly #open: OpenStream;
  #stream: Readable;
  #chunks: AsyncIterator<unknown>;
  #position = 0;
  /** Bytes of the last chunk that were not read yet. */
  #rest: Uint8Array = new Uint8Array();

  /** Opens the first stream immediately, so that it reads this version even if the file is replaced. */
  static async open(entry: FileEntry, open: OpenStream): Promise<StreamFile> {
    return new StreamFile(entry, open, await open(0));
  }

  private constructor(entry: FileEntry, open: OpenStream, stream: Readable) {
    this.entry = entry;
    this.#open = open;
    this.#stream = stream;
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    if (position >= this.entry.size) return 0;
    try {
      if (position !== this.#position) await this.#moveTo(position);
      while (this.#rest.length === 0) {
        const chunk = await this.#chunks.next();
        if (chunk.done) return 0;
        this.#rest = chunk.value instanceof Uint8Array ? chunk.value : Buffer.from(String(chunk.value));
      }
    } catch (error) {
      throw TransferError.from(error, { path: this.entry.path });
    }
    const bytes = Math.min(this.#rest.length, target.length);
    target.set(this.#rest.subarray(0, bytes));
    this.#rest = this.#rest.subarray(bytes);
    this.#position += bytes;
    return bytes;
  }

  async etag(): Promise<string | undefined> {
    return this.entry.etag;
  }

  async close(): Promise<void> {
    this.#stream.destroy();
  }

  async #moveTo(position: number): Promise<void> {
    this.#stream.destroy();
    this.#stream = await this.#open(position);
    this.#chunks = this.#stream[Symbol.asyncIterator]();
    this.#rest = new Uint8Array();
    this.#position = position;
  }
}
