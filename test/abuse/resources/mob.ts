/** Many raw connections from many loopback addresses, which send text frames. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { runParallel } from '../../faults/fixtures/run-parallel.js';

/** The connections and their addresses. */
export interface MobPlan {
  readonly port: number;
  readonly count: number;
  /** Connections from one address; the first address is 127.0.0.2. */
  readonly perAddress: number;
  /** The bytes that each connection sends at once. */
  readonly says?: ((number: number) => string) | undefined;
  /** Whether the connections read the answers, and count their bytes. */
  readonly reads: boolean;
  /** Whether they wait for an answer to their first words before others come. */
  readonly waits?: boolean;
}

const AT_ONCE = 100;

export class Mob {
  readonly sockets: Socket[] = [];
  /** Of the connections, by number. */
  readonly #closed = new Set<number>();
  #dripping: NodeJS.Timeout | undefined;

  /** Resolves when all are connected and have sent their first bytes. */
  static async gather(plan: MobPlan): Promise<Mob> {
    const mob = new Mob();
    await runParallel(plan.count, AT_ONCE, async (number) => {
      const socket = connect({
        host: '127.0.0.1',
        port: plan.port,
        localAddress: `127.0.${1 + Math.floor(number / plan.perAddress / 250)}.${2 + (Math.floor(number / plan.perAddress) % 250)}`,
      });
      socket.on('error', () => undefined);
      socket.once('close', () => mob.#closed.add(number));
      if (plan.reads) socket.resume();
      mob.sockets[number] = socket;
      await once(socket, 'connect');
      if (plan.says) socket.write(plan.says(number));
      if (plan.waits) await once(socket, 'data');
    });
    return mob;
  }

  /** Connections that are open. */
  get open(): number {
    return this.sockets.length - this.#closed.size;
  }

  /** Whether a connection is open. */
  isOpen(number: number): boolean {
    return !this.#closed.has(number);
  }

  /** From now on each connection sends something periodically, at staggered times. */
  drip(everyMs: number, says: (number: number, round: number) => string): void {
    const steps = 20;
    let step = 0;
    this.#dripping = setInterval(() => {
      for (let number = step % steps; number < this.sockets.length; number += steps) {
        const socket = this.sockets[number];
        if (socket?.writable) socket.write(says(number, Math.floor(step / steps)));
      }
      step += 1;
    }, everyMs / steps);
  }

  /** All go. Resolves when none is left. */
  async leave(): Promise<void> {
    clearInterval(this.#dripping);
    const open = this.sockets.filter((socket) => !socket.closed);
    const gone = open.map((socket) => once(socket, 'close'));
    for (const socket of open) {
      if (socket.writable) socket.resetAndDestroy();
      else socket.destroy();
    }
    await Promise.all(gone);
  }
}
