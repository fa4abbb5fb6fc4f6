/** A peer that opens channels and sends bodies as far as the windows allow, and reads the answers only if it is told to. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { crc32 } from 'node:zlib';
import { builtinCodecs, type Frame, type UnknownFrame } from '../../../../src/protocol.js';
import { MAX_FRAME_BYTES, MAX_HEADER_BYTES } from '../../../../src/protocol/limits.js';

/** Bytes that may come before `accept`. */
const EARLY_BYTES = 65_536;

/** Bytes of a frame of a body, and those that the peer grants of an answer. */
const FRAME_BYTES = 65_536;
const GRANTED_BYTES = 2 * 2 ** 20;

/** The next bytes of a body, at most so many; undefined at its end. */
export type BodySource = (bytes: number) => Buffer | undefined;

interface SentBody {
  /** Undefined when the body has ended. */
  next: BodySource | undefined;
  sent: number;
  sum: number;
  allowed: number;
  /** Of the answer. */
  received: number;
  readonly onEnd: (end: string) => void;
}

export interface PeerPlan {
  readonly port: number;
  /** The last number of the address 127.0.0.x. */
  readonly address: number;
  readonly reads: Reading;
}

/** What a peer reads: all answers; all, but it grants no further bytes; nothing after the first bytes of an answer. */
export type Reading = 'all' | 'one window' | 'nothing';

export class HostilePeer {
  readonly socket: Socket;
  /** Results and errors of channels, by `result` or the code of the error. */
  readonly ends = new Map<string, number>();
  readonly #reads: Reading;
  readonly #bodies = new Map<number, SentBody>();
  #lastId = -1;

  /** Resolves when the peer is connected and has sent its `hello`. */
  static async join(plan: PeerPlan): Promise<HostilePeer> {
    const { port, address } = plan;
    const peer = new HostilePeer(
      connect({ host: '127.0.0.1', port, localAddress: `127.0.0.${address}` }),
      plan.reads,
    );
    await once(peer.socket, 'connect');
    peer.socket.write('hello version=1 maxFrame=1048576\n');
    return peer;
  }

  private constructor(socket: Socket, reads: Reading) {
    this.socket = socket;
    this.#reads = reads;
    socket.on('error', () => undefined);
    const sink = {
      frame: (frame: Frame | UnknownFrame) => this.#heard(frame),
      payload: () => undefined,
      error: () => undefined,
    };
    const limits = { maxHeaderBytes: MAX_HEADER_BYTES, maxFrameBytes: MAX_FRAME_BYTES };
    const decoder = builtinCodecs.text.decoder(sink, limits);
    // A peer that does not read hears the first answers, which grant its bodies a window.
    socket.on('data', (chunk: Buffer) => decoder.write(chunk));
    socket.on('drain', () => this.#sendAll());
  }

  /** Bytes of bodies that were sent. */
  get sentBytes(): number {
    return [...this.#bodies.values()].reduce((sum, { sent }) => sum + sent, 0);
  }

  /** Bytes of answers that were received. */
  get receivedBytes(): number {
    return [...this.#bodies.values()].reduce((sum, { received }) => sum + received, 0);
  }

  /** How many channels have ended. */
  get ended(): number {
    return [...this.ends.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Opens a channel, and sends its body. Resolves with `result`, or the code of the error. */
  open(fields: string, next?: BodySource): Promise<string> {
    const id = (this.#lastId += 2);
    const { promise, resolve } = withResolver();
    // A stream method takes no bytes before it runs.
    const allowed = fields.startsWith('op=stream') ? 0 : EARLY_BYTES;
    this.#bodies.set(id, { next, sent: 0, sum: 0, allowed, received: 0, onEnd: resolve });
    this.socket.write(`open id=${id} ${fields} window=${GRANTED_BYTES}\n`);
    this.#sendAll();
    return promise;
  }

  /** Ends the connection with a reset. */
  async leave(): Promise<void> {
    if (this.socket.closed) return;
    const closed = once(this.socket, 'close');
    if (this.socket.writable) this.socket.resetAndDestroy();
    else this.socket.destroy();
    await closed;
  }

  #sendAll(): void {
    for (let isMore = true; isMore && !this.socket.writableNeedDrain;) {
      isMore = false;
      for (const [id, body] of this.#bodies) isMore = this.#sendSome(id, body) || isMore;
    }
  }

  #sendSome(id: number, body: SentBody): boolean {
    const room = Math.min(FRAME_BYTES, body.allowed - body.sent);
    if (!body.next || room <= 0 || !this.socket.writable) return false;
    const bytes = body.next(room);
    if (!bytes) return this.#sendEnd(id, body);
    this.socket.write(`data id=${id} length=${bytes.length}\n`);
    this.socket.write(bytes);
    this.socket.write('\n');
    body.sent += bytes.length;
    body.sum = crc32(bytes, body.sum);
    return true;
  }

  #sendEnd(id: number, body: SentBody): false {
    body.next = undefined;
    const sum = body.sum.toString(16).padStart(8, '0');
    this.socket.write(`end id=${id} size=${body.sent} checksum=crc32:${sum}\n`);
    return false;
  }

  #heard(frame: Frame | UnknownFrame): void {
    if (frame.type === 'unknown' || !('id' in frame) || frame.id === undefined) return;
    const body = this.#bodies.get(frame.id);
    if (!body) return;
    if (frame.type === 'result') this.#end(body, 'result');
    if (frame.type === 'error') this.#end(body, frame.code);
    if (frame.type === 'data') this.#take(frame.id, body, frame.length);
    if (frame.type === 'accept') body.allowed = Math.max(body.allowed, frame.window ?? 0);
    if (frame.type === 'ack') body.allowed = Math.max(body.allowed, frame.offset + frame.window);
    this.#sendAll();
  }

  #take(id: number, body: SentBody, bytes: number): void {
    body.received += bytes;
    if (this.#reads === 'nothing') this.socket.pause();
    if (this.#reads === 'all')
      this.socket.write(`ack id=${id} offset=${body.received} window=${GRANTED_BYTES}\n`);
  }

  #end(body: SentBody, end: string): void {
    body.next = undefined;
    body.onEnd(end);
    this.ends.set(end, (this.ends.get(end) ?? 0) + 1);
  }
}

function withResolver() {
  let resolve: (end: string) => void = () => undefined;
  const promise = new Promise<string>((onResolved) => (resolve = onResolved));
  return { promise, resolve };
}
