/** A raw end of a connection, in any codec: it sends frames that no real end sends, and keeps what it receives. */
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { builtinCodecs } from '../../../src/codecs/builtin.js';
import type { Decoder } from '../../../src/codecs/codec.js';
import type { CodecName } from '../../../src/index.js';
import type { Frame, FrameOf, FrameType, UnknownFrame } from '../../../src/protocol/frames.js';
import { bytesOf } from '../../abuse/wire/frames/loose-encoder.js';
import type { Word } from '../../abuse/wire/frames/loose-frame.js';

export class LooseWire {
  /** All received frames. */
  readonly frames: (Frame | UnknownFrame)[] = [];
  /** The received payload of each channel. */
  readonly #bodies = new Map<number, Buffer[]>();
  readonly #duplex: Duplex;
  readonly #codec: CodecName;
  readonly #decoder: Decoder;
  #bodyId = 0;
  /** Whether the other end has ended the connection. */
  isOver = false;
  readonly #wakes: (() => void)[] = [];

  constructor(duplex: Duplex, codec: CodecName) {
    this.#duplex = duplex;
    this.#codec = codec;
    this.#decoder = builtinCodecs[codec].decoder(
      {
        frame: (frame) => this.#onFrame(frame),
        payload: (piece) => void this.#piecesOf(this.#bodyId).push(Buffer.from(piece)),
        error: (error) => {
          throw error;
        },
      },
      { maxHeaderBytes: 65_536, maxFrameBytes: 1_048_576 },
    );
    duplex.on('error', () => this.#end());
    duplex.on('end', () => this.#end());
    duplex.on('close', () => this.#end());
    duplex.on('data', (chunk: Buffer) => {
      this.#decoder.write(chunk);
      this.#tell();
    });
  }

  /** Sends frames in one chunk. */
  send(...words: readonly Word[]): void {
    this.#duplex.write(Buffer.concat(words.map((word) => bytesOf(word, this.#codec))));
  }

  /** Ends this side of the connection. */
  close(): void {
    this.#duplex.end();
  }

  /** Waits for a frame of a type, of a channel, that has these fields. */
  async receive<Type extends FrameType>(
    type: Type,
    fields: Readonly<Record<string, unknown>> = {},
  ): Promise<FrameOf<Type>> {
    for (;;) {
      const found = this.frames.find((frame): frame is FrameOf<Type> => isSuch(frame, type, fields));
      if (found) return found;
      if (this.isOver) throw new Error(`The connection ended without ${type}: ${this.#said}`);
      await this.#more();
    }
  }

  /** The types of the frames of a channel, without `ack`; an error with its code. */
  wordsOf(id: number): string[] {
    return this.frames
      .filter((frame) => 'id' in frame && frame.id === id && frame.type !== 'ack')
      .map((frame) => (frame.type === 'error' ? frame.code : frame.type));
  }

  /** The body of a channel, as far as it has arrived. */
  bodyOf(id: number): Buffer {
    return Buffer.concat(this.#piecesOf(id));
  }

  /** Waits until a body has so many bytes. */
  async receiveBytes(id: number, bytes: number): Promise<void> {
    while (this.bodyOf(id).length < bytes && !this.isOver) await this.#more();
  }

  /** Waits until all that was sent is handled: the answer to a ping. Throws if the connection has ended. */
  async settle(token = 1): Promise<void> {
    this.send({ type: 'ping', fields: [['token', token]] });
    await this.receive('pong', { token });
  }

  /** The code of the error that has ended the connection. */
  async connectionError(): Promise<string | undefined> {
    while (!this.isOver) await Promise.race([once(this.#duplex, 'end'), once(this.#duplex, 'close')]);
    const last = this.frames.at(-1);
    return last?.type === 'error' && last.id === undefined ? last.code : undefined;
  }

  get #said(): string {
    return JSON.stringify(this.frames.slice(-5));
  }

  #piecesOf(id: number): Buffer[] {
    const pieces = this.#bodies.get(id) ?? [];
    this.#bodies.set(id, pieces);
    return pieces;
  }

  #onFrame(frame: Frame | UnknownFrame): void {
    this.frames.push(frame);
    if (frame.type === 'data') this.#bodyId = frame.id;
  }

  #end(): void {
    this.isOver = true;
    this.#tell();
  }

  #more(): Promise<void> {
    return new Promise((resolve) => this.#wakes.push(resolve));
  }

  #tell(): void {
    for (const wake of this.#wakes.splice(0)) wake();
  }
}

function isSuch(
  frame: Frame | UnknownFrame,
  type: string,
  fields: Readonly<Record<string, unknown>>,
): boolean {
  const values = new Map<string, unknown>(Object.entries(frame));
  return frame.type === type && Object.entries(fields).every(([name, value]) => values.get(name) === value);
}
