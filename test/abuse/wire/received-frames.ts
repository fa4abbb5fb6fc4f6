/** The frames of the end under test, and whether their order is correct. */
import type { Socket } from 'node:net';
import type { CodecName } from '../../../src/index.js';
import { builtinCodecs } from '../../../src/codecs/builtin.js';
import type { Decoder } from '../../../src/codecs/codec.js';
import type { Frame, UnknownFrame } from '../../../src/protocol/frames.js';

/** A received frame. */
export type ReceivedFrame = Frame | UnknownFrame;

export class ReceivedFrames {
  readonly frames: ReceivedFrame[] = [];
  /** The bytes that are not readable as a frame. */
  unreadable: string | undefined;
  /** The peer has ended its side, or the connection is gone. */
  over = false;
  /** The connection is closed. */
  closed = false;
  #decoder: Decoder | undefined;
  readonly #waiting = new Set<() => void>();

  constructor(socket: Socket) {
    socket.on('data', (chunk) => {
      this.#decoder ??= this.#decoderOf(chunk[0]);
      this.#decoder.write(chunk);
      this.#tell();
    });
    socket.once('end', () => this.#end());
    socket.once('close', () => {
      this.closed = true;
      this.#end();
    });
  }

  /** Waits until a condition holds, checked on each received frame; false after the time limit. */
  until(holds: () => boolean, deadlineMs: number): Promise<boolean> {
    if (holds()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const look = (): void => {
        if (holds()) settle(true);
      };
      const settle = (value: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(value);
      };
      const timer = setTimeout(() => settle(false), deadlineMs);
      this.#waiting.add(look);
    });
  }

  /** Whether a frame of a type has been received, of a channel. */
  has(type: string, id?: number): boolean {
    return this.frames.some((frame) => frame.type === type && idOf(frame) === id);
  }

  /** The code of the error that ended the connection. */
  get connectionError(): string | undefined {
    for (const frame of this.frames) {
      if (frame.type === 'error' && frame.id === undefined) return frame.code;
    }
    return undefined;
  }

  /** How a channel was ended: `result`, or the code of its error. */
  terminal(id: number): string | undefined {
    for (const frame of this.frames) {
      if (idOf(frame) !== id) continue;
      if (frame.type === 'result') return 'result';
      if (frame.type === 'error') return frame.code;
    }
    return undefined;
  }

  /** The last received frames, as text. */
  get last(): string {
    const words = this.frames.slice(-6).map((frame) => JSON.stringify(frame));
    return `${words.join(' ')}${this.over ? ' (the end)' : ''}${this.unreadable ?? ''}`;
  }

  #decoderOf(first = 0): Decoder {
    const codec = builtinCodecs[codecOf(first)];
    return codec.decoder(
      {
        frame: (frame) => void this.frames.push(frame),
        payload: () => undefined,
        error: (error) => (this.unreadable = error.message),
      },
      { maxHeaderBytes: 65_536, maxFrameBytes: 1_048_576 },
    );
  }

  #end(): void {
    this.over = true;
    this.#tell();
  }

  #tell(): void {
    for (const look of [...this.#waiting]) look();
  }
}

/** The channel that a frame is about. */
export function idOf(frame: ReceivedFrame): number | undefined {
  return 'id' in frame ? frame.id : undefined;
}

function codecOf(first: number): CodecName {
  if (first === 0x7b) return 'json';
  if (first === 0x3c) return 'xml';
  return first === 0xfe ? 'binary' : 'text';
}
