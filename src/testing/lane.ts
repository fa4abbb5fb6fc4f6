/**
 * One direction of a wire: takes what is written at one end, and delivers it at the other in order.
 *
 *     send -> split -> flip -> queue -> due -> deliver -> taken by the reader -> the next piece
 *                           -> cut at its byte
 */
import { clearTimeout, setImmediate, setTimeout, systemClock } from '../clock.js';
import { LinkedList } from '../collections/linked-list.js';
import type { LaneFaults } from './options.js';
import { randomNumbers } from './random-numbers.js';

/** Bytes on their way on a wire with a delay or a rate. As much is in the buffers of a network. */
const MAX_QUEUED_BYTES = 256 * 1024;

/** The end at which bytes arrive. */
export interface Target {
  readonly destroyed: boolean;
  /** Delivers bytes; calls `onTaken` once, when the reader takes more. */
  deliver(bytes: Uint8Array, onTaken: () => void): void;
  deliverEnd(): void;
}

interface Piece {
  /** Undefined for the end. */
  readonly bytes: Uint8Array | undefined;
  readonly dueMs: number;
}

type Done = (error?: Error) => void;

export class Lane {
  /** Bytes that have been delivered. */
  bytes = 0;
  readonly #target: Target;
  readonly #faults: LaneFaults;
  readonly #onCut: () => void;
  readonly #random: () => number;
  readonly #maxQueuedBytes: number;
  #queue = new LinkedList<Piece>();
  #sentBytes = 0;
  #queuedBytes = 0;
  /** When the wire has sent all bytes before, at its rate. */
  #freeMs = 0;
  #state: 'open' | 'ending' | 'stopped' = 'open';
  #isDelivering = false;
  #isPumping = false;
  #timer: NodeJS.Timeout | undefined;
  #onSpace: Done | undefined;

  constructor(target: Target, faults: LaneFaults, onCut: () => void) {
    this.#target = target;
    this.#faults = faults;
    this.#onCut = onCut;
    this.#random = randomNumbers(faults.seed);
    const isSlow = faults.delayMs !== undefined || faults.bytesPerSecond !== undefined;
    this.#maxQueuedBytes = isSlow ? MAX_QUEUED_BYTES : 0;
  }

  /** Takes a chunk; calls `done` when there is space for another one. */
  send(chunk: Uint8Array, done: Done): void {
    if (this.#target.destroyed) return done(brokenPipe());
    if (this.#state !== 'open') return done();
    for (let from = 0; from < chunk.length;) {
      const length = this.#pieceLength(chunk.length - from);
      this.#enqueue(Uint8Array.prototype.slice.call(chunk, from, from + length));
      from += length;
    }
    this.#onSpace = done;
    this.#pump();
  }

  /** Delivers the end behind all bytes. */
  end(): void {
    if (this.#state !== 'open') return;
    this.#state = 'ending';
    this.#queue.push({ bytes: undefined, dueMs: this.#queue.last?.item.dueMs ?? 0 });
    this.#pump();
  }

  /** Drops what is on its way. */
  stop(): void {
    this.#state = 'stopped';
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#queue = new LinkedList();
    this.#queuedBytes = 0;
    this.#freeSpace();
  }

  #pieceLength(rest: number): number {
    const { splitBytes } = this.#faults;
    return splitBytes === undefined ? rest : Math.min(rest, 1 + Math.floor(this.#random() * splitBytes));
  }

  #enqueue(bytes: Uint8Array): void {
    const { flipByte = -1, delayMs = 0, bytesPerSecond = Infinity } = this.#faults;
    const flipped = bytes[flipByte - this.#sentBytes];
    if (flipped !== undefined)
      bytes[flipByte - this.#sentBytes] = flipped ^ (1 << Math.floor(this.#random() * 8));
    this.#sentBytes += bytes.length;
    this.#queuedBytes += bytes.length;
    this.#freeMs = Math.max(this.#freeMs, systemClock()) + (bytes.length * 1_000) / bytesPerSecond;
    this.#queue.push({ bytes, dueMs: this.#freeMs + delayMs });
  }

  #pump(): void {
    // A reader that takes a piece at once must not call this function as often as there are pieces.
    if (this.#isPumping) return;
    this.#isPumping = true;
    for (let piece = this.#next(); piece; piece = this.#next()) this.#deliver(piece);
    this.#isPumping = false;
    if (this.#queuedBytes <= this.#maxQueuedBytes) this.#freeSpace();
  }

  /** The piece to deliver now. Sets the timer if there is a later one. */
  #next(): Piece | undefined {
    const first = this.#queue.first?.item;
    if (!first || this.#isDelivering || this.#timer) return undefined;
    const waitMs = first.dueMs - systemClock();
    if (waitMs <= 0 || this.#maxQueuedBytes === 0) return this.#queue.shift();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#pump();
    }, Math.ceil(waitMs));
    return undefined;
  }

  #deliver({ bytes }: Piece): void {
    if (!bytes) return this.#target.deliverEnd();
    this.#queuedBytes -= bytes.length;
    const left = (this.#faults.cutAfterBytes ?? Infinity) - this.bytes;
    const arriving = bytes.subarray(0, left);
    this.bytes += arriving.length;
    this.#isDelivering = true;
    this.#target.deliver(arriving, () => {
      this.#isDelivering = false;
      this.#pump();
    });
    if (bytes.length < left) return;
    this.stop();
    // The reader gets what has arrived before.
    setImmediate(this.#onCut);
  }

  #freeSpace(): void {
    const done = this.#onSpace;
    this.#onSpace = undefined;
    done?.();
  }
}

function brokenPipe(): Error {
  return Object.assign(new Error('The other end of the wire is closed.'), { code: 'EPIPE' });
}
