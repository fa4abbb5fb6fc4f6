/**
 * One direction of a chaotic connection: bytes are damaged at given places, cut into pieces, wait for their time, and
 * forwarded. It uses only streams, so it works in memory and under a virtual clock, too.
 *
 *     source -> flip, slice -> queue, each piece with its time -> forward -> sink
 */
import type { Duplex } from 'node:stream';
import type { Direction, ConnectionFaults, Flip } from './connection-faults.js';
import type { Random } from '../fixtures/random.js';

/** Bytes that wait before the source is read no further, so that a slow sink slows its writer down. */
const QUEUE_BYTES = 256 * 1024;

/** The decisions that a pipe shares with its link. */
export interface PipeOwner {
  /** How many of the next bytes may be forwarded from this offset; 0 if the planned fault has happened here. */
  allowance(direction: Direction, carried: number): number;
  /** This number of bytes has been forwarded. */
  carried(direction: Direction, bytes: number): void;
}

interface Piece {
  /** Empty for the end. */
  readonly bytes: Buffer;
  readonly dueMs: number;
}

export class ChaosPipe {
  /** Bytes that have been forwarded. */
  carried = 0;
  readonly #direction: Direction;
  readonly #sink: Duplex;
  readonly #source: Duplex;
  readonly #fate: ConnectionFaults;
  readonly #random: Random;
  readonly #owner: PipeOwner;
  readonly #queue: Piece[] = [];
  #queuedBytes = 0;
  #taken = 0;
  #dueMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;
  #blocked = false;
  #stopped = false;

  constructor(
    direction: Direction,
    ends: { source: Duplex; sink: Duplex },
    context: { fate: ConnectionFaults; random: Random; owner: PipeOwner },
  ) {
    this.#direction = direction;
    this.#source = ends.source;
    this.#sink = ends.sink;
    this.#fate = context.fate;
    this.#random = context.random;
    this.#owner = context.owner;
    this.#source.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#source.on('end', () => this.#add(Buffer.alloc(0)));
    this.#sink.on('drain', () => {
      this.#blocked = false;
      this.#pump();
    });
  }

  /** Carries nothing more, and reads on only to throw away; or does not even read. */
  stop({ reading }: { reading: boolean }): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
    this.#timer = undefined;
    this.#turn = undefined;
    this.#queue.length = 0;
    if (reading) this.#source.resume();
    else this.#source.pause();
  }

  #take(chunk: Buffer): void {
    if (this.#stopped) return;
    const bytes = this.#damaged(chunk);
    const { sliceBytes } = this.#fate;
    for (let at = 0; at < bytes.length;) {
      const length = sliceBytes === undefined ? bytes.length : this.#random.integer(1, sliceBytes);
      this.#add(bytes.subarray(at, at + length));
      at += length;
    }
    if (this.#queuedBytes >= QUEUE_BYTES) this.#source.pause();
  }

  #damaged(chunk: Buffer): Buffer {
    const from = this.#taken;
    this.#taken += chunk.length;
    const here = (this.#fate.flips ?? []).filter(
      ({ direction, at }: Flip) => direction === this.#direction && at >= from && at < this.#taken,
    );
    if (here.length === 0) return chunk;
    const copy = Buffer.from(chunk);
    for (const { at, bits } of here) copy[at - from]! ^= bits;
    return copy;
  }

  #add(bytes: Buffer): void {
    if (this.#stopped) return;
    const { latencyMs = 0, bytesPerSecond = Infinity } = this.#fate;
    const now = Date.now();
    // Earlier bytes occupy the line; the latency is added once for each byte.
    this.#dueMs = Math.max(this.#dueMs, now) + (bytes.length * 1000) / bytesPerSecond;
    this.#queue.push({ bytes, dueMs: this.#dueMs + latencyMs });
    this.#queuedBytes += bytes.length;
    this.#pump();
  }

  #pump(): void {
    if (this.#timer || this.#turn || this.#blocked) return;
    const piece = this.#queue[0];
    if (!piece) return;
    const waitMs = piece.dueMs - Date.now();
    if (waitMs > 0) this.#timer = setTimeout(() => this.#next(), Math.ceil(waitMs));
    // Pieces of their own turn are written, and mostly read, by themselves.
    else if (this.#fate.sliceBytes !== undefined) this.#turn = setImmediate(() => this.#next());
    else this.#next();
  }

  #next(): void {
    this.#timer = undefined;
    this.#turn = undefined;
    const piece = this.#queue.shift();
    if (!piece) return;
    this.#queuedBytes -= piece.bytes.length;
    if (this.#queuedBytes < QUEUE_BYTES) this.#source.resume();
    if (piece.bytes.length === 0) this.#sink.end();
    else this.#forward(piece.bytes);
    if (!this.#stopped) this.#pump();
  }

  #forward(bytes: Buffer): void {
    const allowed = Math.min(bytes.length, this.#owner.allowance(this.#direction, this.carried));
    if (allowed > 0 && this.#sink.writable) {
      this.#blocked = !this.#sink.write(bytes.subarray(0, allowed));
      this.carried += allowed;
      this.#owner.carried(this.#direction, allowed);
    }
    if (allowed < bytes.length) this.#owner.allowance(this.#direction, this.carried);
  }
}
