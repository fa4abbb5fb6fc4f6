/**
 * Paths without sockets, between the ends of one process: pieces are lost and sent again, repeated and reordered by a seed,
 * and a path can break after a number of pieces.
 */
import type { BodyPath, BodyPathHost, PathStats } from '../../../src/udp/body-path.js';
import type { BodyPiece } from '../../../src/udp/body-source.js';

export interface FakeNetwork {
  readonly seed: number;
  /** Pieces that one end sends before the path breaks. */
  readonly breaksAfter: number;
  /** Whether the client confirms the path. Default true. */
  readonly confirms?: boolean;
  /** Pieces of which one has a wrong byte. Default: none. */
  readonly damages?: number;
}

const usual = { confirms: true, damages: Infinity };
const network = { seed: 1, breaksAfter: Infinity, ...usual };
/** Pieces of all paths since `setNetwork`. */
let delivered = 0;
const ends = new Map<number, FakePath[]>();

/** Sets how the paths behave that are opened from now on. */
export function setNetwork(next: FakeNetwork): void {
  Object.assign(network, usual, next);
  delivered = 0;
}

export class FakePath implements BodyPath {
  readonly maxRate = Infinity;
  readonly stats = {} as PathStats;
  resentBytes = 0;
  readonly #host: BodyPathHost;
  readonly #pair: FakePath[];
  readonly #breaksAfter = network.breaksAfter;
  #seed = network.seed;
  /** Sent, and not received yet. */
  #flying: BodyPiece[] = [];
  #sent = 0;
  #isClosed = false;
  #isScheduled = false;

  constructor({ host, connectionId }: { host: BodyPathHost; connectionId: number }) {
    this.#host = host;
    this.#pair = ends.get(connectionId) ?? [];
    ends.set(connectionId, this.#pair);
    this.#pair.push(this);
    // The second one is the client's.
    if (this.#pair.length === 2 && network.confirms)
      setImmediate(() => host.sendPathConfirmation({ token: 7, size: 1_200 }));
  }

  wake(): void {
    if (this.#isScheduled || this.#isClosed) return;
    this.#isScheduled = true;
    setImmediate(() => this.#pump());
  }

  drop(channelId: number): void {
    this.#flying = this.#flying.filter((piece) => piece.channelId !== channelId);
  }

  /** The end of a client or a server of the path that was opened last. */
  static last(end: 'client' | 'server'): FakePath {
    const pair = [...ends.values()].at(-1);
    const path = end === 'client' ? pair?.[1] : pair?.[0];
    if (!path) throw new Error('No path is open.');
    return path;
  }

  fail(reason: string): void {
    this.break(reason, false);
  }

  /** Fails, perhaps because datagrams do not get through. */
  break(reason: string, isNetwork: boolean): void {
    if (this.#isClosed) return;
    const pieces = this.#flying.sort((a, b) => a.channelId - b.channelId || a.offset - b.offset);
    this.close();
    this.#host.onBroken(reason, pieces, isNetwork);
  }

  close(): void {
    this.#isClosed = true;
    this.#flying = [];
  }

  onReceiverReport(): void {}
  onSenderReport(): void {}
  onPathConfirmation(): void {}
  snapshot(): undefined {}

  /** Sends some pieces, and lets half of those that fly arrive, in any order, some of them twice. */
  #pump(): void {
    this.#isScheduled = false;
    for (let count = 0; count < 64 && !this.#isClosed; count += 1) {
      const piece = this.#host.take(1 + this.#random(20_000));
      if (!piece) break;
      this.#flying.push({ ...piece, bytes: Buffer.from(piece.bytes) });
      this.#sent += 1;
    }
    if (this.#sent >= this.#breaksAfter) return this.break('The fake path has broken.', true);
    const arriving = Math.ceil(this.#flying.length / 2);
    for (let count = 0; count < arriving && !this.#isClosed; count += 1) this.#deliver();
    if (this.#flying.length > 0) this.wake();
  }

  #deliver(): void {
    const [piece] = this.#flying.splice(this.#random(this.#flying.length), 1);
    if (!piece) return;
    const isRepeated = this.#random(4) === 0;
    if (isRepeated) {
      this.#flying.push(piece);
      this.#host.onResent(piece.bytes.length);
      this.resentBytes += piece.bytes.length;
    }
    const peer = this.#pair.find((end) => end !== this);
    delivered += 1;
    if (peer && !peer.#isClosed)
      peer.#host.receive(delivered % network.damages === 0 ? damaged(piece) : piece);
    else if (!isRepeated) this.#flying.push(piece);
  }

  #random(below: number): number {
    this.#seed = (Math.imul(this.#seed, 1_103_515_245) + 12_345) >>> 0;
    return (this.#seed >>> 8) % Math.max(1, below);
  }
}

function damaged({ bytes, ...piece }: BodyPiece): BodyPiece {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(0) ^ 1, 0);
  return { ...piece, bytes: copy };
}
