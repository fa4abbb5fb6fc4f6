/** A network in memory between a client and a server, with the same faults as the proxy. */
import { duplexPair, type Duplex } from 'node:stream';
import type { CodecName, FileServer } from '../../../src/index.js';
import { ChaosLink } from '../network/chaos-link.js';
import type { Random } from '../fixtures/random.js';
import { FrameWatch } from './frame-watch.js';
import type { VirtualFate } from './plan.js';

export class VirtualNetwork {
  /** Violations of the protocol. */
  readonly wrong: string[] = [];
  /** Connections that were asked for. */
  connections = 0;
  cuts = 0;
  /** The server of later connections. */
  server: FileServer;
  #hold: { ask(): void; gate: Promise<void> } | undefined;
  readonly #codec: CodecName;
  readonly #fates: readonly VirtualFate[];
  readonly #random: Random;

  constructor(server: FileServer, codec: CodecName, plan: { fates: readonly VirtualFate[]; random: Random }) {
    this.server = server;
    this.#codec = codec;
    this.#fates = plan.fates;
    this.#random = plan.random;
  }

  /** For the client's options. */
  readonly connect = (): Duplex | Promise<Duplex> => {
    const hold = this.#hold;
    if (!hold || this.connections === 0) return this.#connect();
    hold.ask();
    return hold.gate.then(() => this.#connect());
  };

  /** Holds all connections after the first one. `asked` resolves when there is one. */
  held(): { asked: Promise<void>; letGo: () => void } {
    let ask: () => void = () => undefined;
    let letGo: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (ask = resolve));
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    this.#hold = { ask: () => ask(), gate };
    return { asked, letGo: () => letGo() };
  }

  #connect(): Duplex {
    const number = this.connections++;
    const fate = this.#fates[number] ?? {};
    if (fate.refused) throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    const [clientEnd, near] = duplexPair();
    const [far, serverEnd] = duplexPair();
    this.#watch(near, far, number);
    const link = new ChaosLink(
      { client: near, server: far },
      { fate, random: this.#random.fork(number) },
      {
        carried: () => undefined,
        changed: (state) => {
          if (state === 'cut') this.cuts += 1;
        },
      },
    );
    couple(clientEnd, near, () => {
      if (!fate.closesSoftly) return void near.destroy(reset());
      // As TCP does: sent bytes arrive, then the end; bytes in the other direction are lost.
      link.swallow('toClient');
      if (!near.readableEnded && !clientEnd.writableEnded) near.push(null);
    });
    couple(serverEnd, far, () => far.destroy(reset()));
    this.server.accept(serverEnd);
    return clientEnd;
  }

  #watch(near: Duplex, far: Duplex, number: number): void {
    const watch = new FrameWatch();
    const note = (read: (chunk: Uint8Array) => void) => (chunk: Uint8Array) => {
      const known = watch.wrong.length;
      read(chunk);
      this.wrong.push(...watch.wrong.slice(known).map((what) => `connection ${number}: ${what}`));
    };
    near.on('data', note(watch.reader(this.#codec, 'toServer')));
    far.on('data', note(watch.reader(this.#codec, 'toClient')));
  }
}

/** Informs one half of a pair about the close of the other, which the pairs of Node do not do. */
function couple(end: Duplex, inner: Duplex, lost: () => void): void {
  end.on('close', () => {
    if (!inner.destroyed && !(end.readableEnded && end.writableFinished)) lost();
  });
  inner.on('error', () => undefined);
  inner.on('close', () => {
    if (!end.destroyed && !(inner.readableEnded && inner.writableFinished)) end.destroy(reset());
  });
}

function reset(): Error {
  return Object.assign(new Error('reset'), { code: 'ECONNRESET' });
}
