/**
 * A proxy on loopback between clients and a server that injects planned faults: connection n has plan n, and all
 * random values come from one seed. It counts the bytes that it forwards.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { ChaosLink } from './chaos-link.js';
import type { CutKind, Direction, ConnectionFaults } from './connection-faults.js';
import { Random } from '../fixtures/random.js';

/** The plans of the connections of a proxy. */
export interface ChaosPlan {
  readonly seed?: number | undefined;
  /** The fate of a connection by its number, from 0. Absent: all are left in peace. */
  readonly fate?: ((connection: number, random: Random) => ConnectionFaults) | undefined;
}

interface Mark {
  readonly direction: Direction;
  readonly bytes: number;
  reached(): void;
}

export class ChaosProxy {
  /** Every connection there was, by its number. */
  readonly links: ChaosLink[] = [];
  /** Bytes that were carried on all of them. */
  readonly carried: Record<Direction, number> = { toServer: 0, toClient: 0 };
  /** Connections that were cut. */
  cuts = 0;
  readonly #targetPort: number;
  readonly #plan: ChaosPlan;
  readonly #random: Random;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #marks: Mark[] = [];

  constructor(targetPort: number, plan: ChaosPlan = {}) {
    this.#targetPort = targetPort;
    this.#plan = plan;
    this.#random = new Random(plan.seed ?? 1);
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
  }

  /** Starts on a free port of loopback. */
  async listen(): Promise<this> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return this;
  }

  /** Where clients are to connect. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Resolves when so many bytes more than now have been carried in a direction. */
  whenCarried(direction: Direction, bytesMore: number): Promise<void> {
    const bytes = this.carried[direction] + bytesMore;
    return new Promise((resolve) => {
      this.#marks.push({ direction, bytes, reached: resolve });
      this.#tellMarks();
    });
  }

  /** Cuts every connection now. */
  cutAll(by: Exclude<CutKind, 'half'>): void {
    for (const link of this.links) link.cut(by);
  }

  /** Silences every open connection; new ones are forwarded. */
  silenceAll(): void {
    for (const link of this.links) link.silence();
  }

  /** Ends every connection and stops. Resolves when no socket is left. */
  async close(): Promise<void> {
    const closed = once(this.#server.close(), 'close');
    for (const link of this.links) link.destroy();
    const open = [...this.#sockets].filter((socket) => !socket.closed);
    await Promise.all([
      closed,
      ...open.map((socket) => new Promise((resolve) => socket.once('close', resolve))),
    ]);
  }

  #accept(client: Socket): void {
    const server = connect({
      port: this.#targetPort,
      host: '127.0.0.1',
      allowHalfOpen: true,
      noDelay: true,
    });
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    }
    const number = this.links.length;
    const random = this.#random.fork(number);
    const fate = this.#plan.fate?.(number, random) ?? {};
    const link = new ChaosLink(
      { client, server },
      { fate, random },
      {
        carried: (direction, bytes) => {
          this.carried[direction] += bytes;
          this.#tellMarks();
        },
        changed: (state) => {
          if (state === 'cut') this.cuts += 1;
        },
      },
    );
    this.links.push(link);
  }

  #tellMarks(): void {
    const reached = this.#marks.filter(({ direction, bytes }) => this.carried[direction] >= bytes);
    if (reached.length === 0) return;
    this.#marks = this.#marks.filter((mark) => !reached.includes(mark));
    for (const mark of reached) mark.reached();
  }
}
