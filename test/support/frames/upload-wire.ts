/** Uploads in raw text frames, for tests of interrupted uploads. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { crc32 } from 'node:zlib';
import type { FileServer, RequestSummary } from '../../../src/index.js';
import { Wire } from './wire.js';

/** An id such as a client makes. */
export const ID = '0123456789abcdef0123456789abcdef';

/** A connection on which one upload is made. */
export class UploadWire {
  readonly wire: Wire;
  readonly #id: number;

  private constructor(wire: Wire, id: number) {
    this.wire = wire;
    this.#id = id;
  }

  /** Connects, and opens an upload with these fields besides `upload`; `upload=` in them overrides it. */
  static async open(port: number, fields: string): Promise<UploadWire> {
    const wire = await Wire.connect(port);
    wire.send('hello version=1\n');
    await wire.line();
    return UploadWire.openOn(wire, 1, fields);
  }

  /** Opens one more on a connection that is there. */
  static openOn(wire: Wire, id: number, fields: string): UploadWire {
    const upload = fields.includes('upload=') ? '' : ` upload=${ID}`;
    wire.send(`open id=${id} op=upload${upload} ${fields}\n`);
    return new UploadWire(wire, id);
  }

  /** Opens one, and waits for the answer; resolves with both. */
  static async opened(port: number, fields: string): Promise<{ upload: UploadWire; answer: string }> {
    const upload = await UploadWire.open(port, fields);
    return { upload, answer: await upload.answer() };
  }

  /** Opens an upload, sends the start of its file and ends the connection: the server keeps the received bytes. */
  static async interrupted(
    { server, port }: { readonly server: FileServer; readonly port: number },
    beginning: Uint8Array,
    fields = 'path=file',
  ): Promise<void> {
    const { upload, answer } = await UploadWire.opened(port, fields);
    if (!answer.startsWith('accept ')) throw new Error(`The upload was not accepted: ${answer}`);
    upload.data(beginning);
    const { error } = await upload.halfClose(server);
    if (error?.code !== 'ECONNRESET') throw new Error(`The upload was not interrupted: ${error?.code}`);
  }

  /** The next line that is no ack. */
  async answer(): Promise<string> {
    for (;;) {
      const line = (await this.wire.line()) ?? 'the end of the connection';
      if (!line.startsWith('ack ')) return line;
    }
  }

  /** Sends a part of the body. */
  data(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += 65_536) {
      const piece = bytes.subarray(at, at + 65_536);
      this.wire.send(`data id=${this.#id} length=${piece.length}\n`);
      this.wire.send(piece);
      this.wire.send('\n');
    }
  }

  /** Ends the body with the size and checksum of the whole file. */
  end(file: Uint8Array): void {
    this.wire.send(`end id=${this.#id} size=${file.length} checksum=${checksumOf(file)}\n`);
  }

  cancel(): void {
    this.wire.send(`cancel id=${this.#id}\n`);
  }

  /** Ends the connection in the middle of the upload; resolves when the server has stored all that was sent. */
  async halfClose(server: FileServer): Promise<RequestSummary> {
    const over = ended(server);
    this.wire.socket.end();
    return over;
  }

  /** Cuts the connection; resolves when the server has released the upload. */
  async cut(server: FileServer): Promise<RequestSummary> {
    const over = ended(server);
    this.wire.socket.resetAndDestroy();
    return over;
  }
}

/** The report of the next request that ends. */
export async function ended(server: FileServer): Promise<RequestSummary> {
  const [report] = (await once(server, 'requestEnd')) as [RequestSummary];
  return report;
}

/** The name of an upload with this id in the private folder of a server. */
export function partName(id: string, remote: string): string {
  return createHash('sha256').update(`${remote}\n${id}`).digest('hex').slice(0, 32);
}

export function checksumOf(bytes: Uint8Array): string {
  return `crc32:${crc32(bytes).toString(16).padStart(8, '0')}`;
}

/** The byte of the file from which on an `accept` wants the body. */
export function offsetOf(accept: string): number {
  const offset = /^accept .*\boffset=(\d+)/.exec(accept)?.[1];
  if (offset === undefined) throw new Error(`This is no accept with an offset: ${accept}`);
  return Number(offset);
}
