/** A raw client that speaks in frames, in any built-in codec, for tests of what a server does with single frames. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { builtinCodecs, type CodecName } from '../../../src/codecs/builtin.js';
import type { Codec } from '../../../src/codecs/codec.js';
import type { Frame, FrameOf, UnknownFrame } from '../../../src/protocol/frames.js';

/** The names of all codecs. */
export const codecNames = Object.keys(builtinCodecs) as CodecName[];

type Received = Frame | UnknownFrame;

export class FrameWire {
  readonly socket: Socket;
  readonly #codec: Codec;
  readonly #frames: Received[] = [];
  #ended = false;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket, codec: Codec) {
    this.socket = socket;
    this.#codec = codec;
    const limits = { maxHeaderBytes: 65_536, maxFrameBytes: 1_048_576 };
    const decoder = codec.decoder(
      {
        frame: (frame) => this.#frames.push(frame),
        payload: () => undefined,
        error: (error) => socket.destroy(error),
      },
      limits,
    );
    socket.on('data', (chunk: Buffer) => {
      decoder.write(chunk);
      this.#wake?.();
    });
    for (const event of ['error', 'end', 'close']) socket.on(event, () => this.#finish());
  }

  /** Connects, sends `hello` with these fields, and resolves with the connection and its `welcome`. */
  static async open(
    port: number,
    codec: CodecName,
    hello: Omit<FrameOf<'hello'>, 'type' | 'version'> = {},
  ): Promise<{ wire: FrameWire; welcome: FrameOf<'welcome'> }> {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    await once(socket, 'connect');
    onTestFinished(() => {
      socket.destroy();
    });
    const wire = new FrameWire(socket, builtinCodecs[codec]);
    wire.send({ type: 'hello', version: 1, ...hello });
    const welcome = await wire.next();
    if (welcome?.type !== 'welcome') throw new Error(`No welcome, but ${JSON.stringify(welcome)}`);
    return { wire, welcome };
  }

  send(...frames: Frame[]): void {
    this.socket.write(Buffer.concat(frames.map((frame) => this.#codec.encode(frame))));
  }

  /** Sends a part of a body. */
  data(id: number, bytes: Uint8Array): void {
    const header = this.#codec.encode({ type: 'data', id, length: bytes.length });
    this.socket.write(Buffer.concat([header, bytes, this.#codec.payloadTrailer]));
  }

  /** The next frame that is no `ack`; undefined at the end of the connection. */
  async next(): Promise<Received | undefined> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame && frame.type !== 'ack') return frame;
      if (frame) continue;
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Sends a request without a body, and resolves with its terminal frame. */
  async ask(open: Omit<FrameOf<'open'>, 'type'>): Promise<Received | undefined> {
    this.send({ type: 'open', ...open });
    return this.next();
  }

  /** Loses the connection. */
  cut(): void {
    this.socket.resetAndDestroy();
  }

  #finish(): void {
    this.#ended = true;
    this.#wake?.();
  }
}
