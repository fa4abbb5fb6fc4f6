/**
 * A UDP proxy between a client and a server that treats datagrams badly, by a seed. To the server, the client has the
 * address of the proxy, as behind a NAT; `rebind` gives it another port.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { Random } from '../../faults/fixtures/random.js';

/** Chances from 0 to 1, for each datagram of both directions. */
export interface Faults {
  drop?: number;
  duplicate?: number;
  /** Arrives up to 5 ms later. */
  delay?: number;
  truncate?: number;
  /** One bit is another one. */
  forge?: number;
  /** A policer, of both directions together: what exceeds this rate and 64 KiB at once does not arrive. */
  bytesPerSecond?: number;
  /** Larger datagrams do not arrive. */
  maxBytes?: number;
}

/** Bytes that a policer lets through at once. */
const POLICER_BURST_BYTES = 65_536;

export class LossyProxy implements AsyncDisposable {
  faults: Faults;
  /** Datagrams and bytes of each direction, as they arrive at the proxy. */
  readonly toServer = { count: 0, bytes: 0, largest: 0 };
  readonly toClient = { count: 0, bytes: 0, largest: 0 };
  readonly #random: Random;
  readonly #front: Socket;
  serverPort: number;
  readonly #timers = new Set<NodeJS.Timeout>();
  #allowance = POLICER_BURST_BYTES;
  #filledMs = performance.now();
  #back: Socket;
  #clientPort = 0;

  private constructor(
    front: Socket,
    back: Socket,
    settings: { serverPort: number; seed: number; faults: Faults },
  ) {
    this.#front = front;
    this.#back = back;
    this.serverPort = settings.serverPort;
    this.#random = new Random(settings.seed);
    this.faults = settings.faults;
    front.on('message', (datagram, { port }) => {
      this.#clientPort = port;
      this.#pass(datagram, this.toServer, (bytes) => this.#back.send(bytes, this.serverPort, '127.0.0.1'));
    });
    this.#listen(back);
  }

  static async open(serverPort: number, faults: Faults = {}, seed = 1): Promise<LossyProxy> {
    return new LossyProxy(await boundSocket(), await boundSocket(), { serverPort, seed, faults });
  }

  get port(): number {
    return this.#front.address().port;
  }

  /** The client has another port, seen from the server. The old one does not exist any more. */
  async rebind(): Promise<void> {
    const old = this.#back;
    this.#back = await boundSocket();
    this.#listen(this.#back);
    old.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all([closed(this.#front), closed(this.#back)]);
  }

  #listen(back: Socket): void {
    back.on('message', (datagram) => {
      this.#pass(datagram, this.toClient, (bytes) => this.#front.send(bytes, this.#clientPort, '127.0.0.1'));
    });
  }

  #pass(
    datagram: Buffer,
    counters: { count: number; bytes: number; largest: number },
    send: (bytes: Buffer) => void,
  ): void {
    counters.count += 1;
    counters.bytes += datagram.length;
    counters.largest = Math.max(counters.largest, datagram.length);
    const { drop = 0, duplicate = 0, delay = 0, maxBytes = Infinity } = this.faults;
    if (datagram.length > maxBytes || this.#happens(drop) || this.#exceeds(datagram.length)) return;
    const bytes = this.#damaged(datagram);
    if (this.#happens(duplicate)) send(bytes);
    if (!this.#happens(delay)) return send(bytes);
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        send(bytes);
      },
      this.#random.integer(1, 5),
    );
    this.#timers.add(timer);
  }

  #exceeds(bytes: number): boolean {
    const { bytesPerSecond } = this.faults;
    if (bytesPerSecond === undefined) return false;
    const nowMs = performance.now();
    const filled = this.#allowance + ((nowMs - this.#filledMs) * bytesPerSecond) / 1_000;
    this.#filledMs = nowMs;
    this.#allowance = Math.min(POLICER_BURST_BYTES, filled);
    if (this.#allowance < bytes) return true;
    this.#allowance -= bytes;
    return false;
  }

  #damaged(datagram: Buffer): Buffer {
    const { truncate = 0, forge = 0 } = this.faults;
    if (this.#happens(truncate)) return datagram.subarray(0, this.#random.integer(0, datagram.length - 1));
    if (!this.#happens(forge)) return datagram;
    const copy = Buffer.from(datagram);
    const at = this.#random.integer(0, copy.length - 1);
    copy.writeUInt8(copy.readUInt8(at) ^ (1 << this.#random.integer(0, 7)), at);
    return copy;
  }

  #happens(chance: number): boolean {
    return chance > 0 && this.#random.next() < chance;
  }
}

async function boundSocket(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('error', () => {});
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.setRecvBufferSize(4 * 1024 * 1024);
  return socket;
}

async function closed(socket: Socket): Promise<void> {
  socket.close();
  await once(socket, 'close');
}
