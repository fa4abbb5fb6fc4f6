/**
 * Transcripts of documents: the frames of a client and a server, line by line, played over a real socket.
 *
 *     > a line of the client's        < a line of the server's
 *
 * Of the codecs made of lines a line stands for its bytes and a LF. A binary one is hexadecimal; a line that begins with
 * `#` describes the next frame, in text.
 */
import { connect, type Socket } from 'node:net';
import { builtinCodecs, type CodecName } from '../../src/codecs/builtin.js';
import type { Fence } from './markdown.js';

const NONE: Buffer = Buffer.alloc(0);

/** The frames of one side before the next frame of the other. */
export interface Turn {
  readonly side: 'client' | 'server';
  readonly bytes: Buffer;
}

/** A transcript that has been read. */
export interface Transcript {
  readonly codec: CodecName;
  readonly turns: readonly Turn[];
  /** The comments of a binary one. */
  readonly comments: readonly string[];
}

/** The transcript that a block of code is; undefined if it is none. */
export function transcriptOf({ language, code }: Fence): Transcript | undefined {
  const codec = (Object.keys(builtinCodecs) as CodecName[]).find((name) => language === `wire-${name}`);
  if (codec === undefined) return undefined;
  const lines = code.split('\n');
  const comments = lines.filter(isComment).map((line) => line.slice(4));
  return {
    codec,
    comments,
    turns: turnsOf(
      codec,
      lines.filter((line) => !isComment(line)),
    ),
  };
}

function turnsOf(codec: CodecName, lines: readonly string[]): Turn[] {
  const turns: Turn[] = [];
  for (const line of lines) {
    const side = sideOf(line);
    const before = turns.at(-1)?.side === side ? turns.pop() : undefined;
    turns.push({ side, bytes: Buffer.concat([before?.bytes ?? NONE, bytesOf(codec, line.slice(2))]) });
  }
  return turns;
}

/** Plays the client's turns to a server; resolves with the turns as they went, for as long as they went as written. */
export async function play({ turns }: Transcript, port: number): Promise<Turn[]> {
  const socket = connect({ host: '127.0.0.1', port });
  const received = new Received(socket);
  try {
    const played: Turn[] = [];
    for (const { side, bytes } of turns) {
      if (side === 'client') socket.write(bytes);
      played.push({ side, bytes: side === 'client' ? bytes : await received.next(bytes.length) });
      if (!played.at(-1)?.bytes.equals(bytes)) return played;
    }
    socket.end();
    const more = await received.next(Infinity);
    return more.length === 0 ? played : [...played, { side: 'server', bytes: more }];
  } finally {
    socket.destroy();
  }
}

/** The received bytes of a socket, which a test can wait for. */
class Received {
  #bytes = NONE;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#wake?.();
    });
    socket.once('close', () => {
      this.#ended = true;
      this.#wake?.();
    });
    socket.on('error', () => undefined);
  }

  /** So many bytes, or those that come before the end of the connection. */
  async next(length: number): Promise<Buffer> {
    while (this.#bytes.length < length && !this.#ended) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const next = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(next.length);
    return next;
  }
}

function isComment(line: string): boolean {
  return /^[<>] # /.test(line);
}

function sideOf(line: string): Turn['side'] {
  if (!/^[<>]( |$)/.test(line)) throw new Error(`Nobody says ${JSON.stringify(line)}.`);
  return line.startsWith('>') ? 'client' : 'server';
}

function bytesOf(codec: CodecName, line: string): Buffer {
  return codec === 'binary' ? Buffer.from(line.replaceAll(' ', ''), 'hex') : Buffer.from(`${line}\n`);
}

/** The frames that one side says, as the text codec would notate them. */
export function framesOf({ codec, turns }: Transcript, side: Turn['side']): string[] {
  const frames: string[] = [];
  const decoder = builtinCodecs[codec].decoder(
    {
      frame: (frame) => {
        if (frame.type === 'unknown') throw new Error('A frame is not known.');
        frames.push(Buffer.from(builtinCodecs.text.encode(frame)).toString().trimEnd());
      },
      payload: () => undefined,
      error: (error) => {
        throw error;
      },
    },
    { maxHeaderBytes: 4096, maxFrameBytes: 65_536 },
  );
  for (const turn of turns) if (turn.side === side) decoder.write(turn.bytes);
  return frames;
}
