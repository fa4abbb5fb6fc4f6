/** Decodes both directions of a connection, and detects violations of the protocol. */
import { type CodecName } from '../../../src/index.js';
import { builtinCodecs, type Frame, type UnknownFrame } from '../../../src/protocol.js';
import { INITIAL_WINDOW_BYTES, MAX_FRAME_BYTES, MAX_HEADER_BYTES } from '../../../src/protocol/limits.js';
import type { Direction } from '../network/connection-faults.js';

const limits = { maxHeaderBytes: MAX_HEADER_BYTES, maxFrameBytes: MAX_FRAME_BYTES };

interface Watched {
  ended: boolean;
  readonly sent: Record<Direction, number>;
  /** The window that the other end has granted so far, whether the grant has arrived or not. */
  readonly allowed: Record<Direction, number>;
}

export class FrameWatch {
  /** The violations, as texts. */
  readonly wrong: string[] = [];
  readonly #channels = new Map<number, Watched>();

  /** A reader of one direction's bytes. */
  reader(codec: CodecName, direction: Direction): (chunk: Uint8Array) => void {
    const decoder = builtinCodecs[codec].decoder(
      {
        frame: (frame) => this.#see(frame, direction),
        payload: () => undefined,
        error: (error) => this.wrong.push(`${direction}: ${error.message}`),
      },
      limits,
    );
    return (chunk) => decoder.write(chunk);
  }

  #see(frame: Frame | UnknownFrame, direction: Direction): void {
    if (!('id' in frame) || frame.id === undefined) {
      if (frame.type === 'error') this.wrong.push(`${direction}: an error of the connection, ${frame.code}`);
      return;
    }
    if (frame.type === 'open') this.#open(frame.id, frame.window);
    const channel = this.#channels.get(frame.id);
    if (!channel) return void this.wrong.push(`${direction}: ${frame.type} of no channel`);
    if (direction === 'toClient' && channel.ended) {
      this.wrong.push(`${frame.type} ${frame.id} after its terminal frame`);
    }
    this.#count(frame, channel, direction);
  }

  #open(id: number, window = Infinity): void {
    if (this.#channels.has(id)) this.wrong.push(`the channel ${id} is opened twice`);
    this.#channels.set(id, {
      ended: false,
      sent: { toServer: 0, toClient: 0 },
      allowed: { toServer: INITIAL_WINDOW_BYTES, toClient: window },
    });
  }

  #count(frame: Frame | UnknownFrame, channel: Watched, direction: Direction): void {
    const { sent, allowed } = channel;
    const back = direction === 'toServer' ? 'toClient' : 'toServer';
    if (frame.type === 'result' || frame.type === 'error') channel.ended = true;
    if (frame.type === 'accept' && 'window' in frame) {
      allowed.toServer = Math.max(allowed.toServer, frame.window ?? 0);
    }
    if (frame.type === 'ack' && 'window' in frame) {
      allowed[back] = Math.max(allowed[back], frame.offset + frame.window);
      if (frame.offset > sent[back]) this.wrong.push(`ack of ${frame.offset}, sent ${sent[back]}`);
    }
    if (frame.type === 'data' && 'length' in frame) {
      sent[direction] += frame.length ?? 0;
      if (sent[direction] > allowed[direction]) this.wrong.push(`${direction}: more data than is allowed`);
    }
  }
}
