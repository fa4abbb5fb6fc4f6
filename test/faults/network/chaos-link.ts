/**
 * A connection with injected faults: two pipes between two streams with one plan. The faults happen after exact
 * numbers of bytes; nothing remains after the close.
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ChaosPipe, type PipeOwner } from './chaos-pipe.js';
import type { CutKind, Direction, ConnectionFaults } from './connection-faults.js';
import type { Random } from '../fixtures/random.js';

/** The state of a connection. */
export type LinkState = 'open' | 'cut' | 'silent' | 'closed';

/** The listener of a link. */
export interface LinkListener {
  /** Bytes have been forwarded. */
  carried(direction: Direction, bytes: number): void;
  /** The planned fault has happened, or the connection has closed. */
  changed(state: LinkState): void;
}

export class ChaosLink implements PipeOwner {
  readonly #fate: ConnectionFaults;
  readonly #ends: { readonly client: Duplex; readonly server: Duplex };
  readonly #listener: LinkListener;
  readonly #pipes: Readonly<Record<Direction, ChaosPipe>>;
  #state: LinkState = 'open';

  /** Joins the client's stream with the server's. */
  constructor(
    ends: { client: Duplex; server: Duplex },
    plan: { fate: ConnectionFaults; random: Random },
    listener: LinkListener,
  ) {
    const { client, server } = ends;
    this.#ends = ends;
    this.#fate = plan.fate;
    this.#listener = listener;
    const context = { ...plan, owner: this };
    this.#pipes = {
      toServer: new ChaosPipe('toServer', { source: client, sink: server }, context),
      toClient: new ChaosPipe('toClient', { source: server, sink: client }, context),
    };
    this.#closeTogether(client, server);
    this.#closeTogether(server, client);
  }

  get state(): LinkState {
    return this.#state;
  }

  /** Bytes forwarded in each direction. */
  get bytes(): Readonly<Record<Direction, number>> {
    return { toServer: this.#pipes.toServer.carried, toClient: this.#pipes.toClient.carried };
  }

  /** Cuts it now. */
  cut(by: Exclude<CutKind, 'half'>): void {
    if (this.#state === 'closed') return;
    this.#stop(true);
    this.#become('cut');
    for (const end of Object.values(this.#ends)) {
      if (by === 'end') end.end();
      else if (end instanceof Socket) end.resetAndDestroy();
      else end.destroy();
    }
  }

  /** Forwards nothing from now on, silently. */
  silence(): void {
    if (this.#state === 'closed') return;
    this.#stop(false);
    this.#become('silent');
  }

  /** Reads the input of one direction, and forwards none of it. */
  swallow(direction: Direction): void {
    if (this.#state !== 'silent') this.#pipes[direction].stop({ reading: true });
  }

  /** Ends it at once. */
  destroy(): void {
    this.#stop(false);
    for (const end of Object.values(this.#ends)) end.destroy();
  }

  // For the pipes

  allowance(direction: Direction, carried: number): number {
    const { cut, silence } = this.#fate;
    const cutIn = cut?.direction === direction ? cut.afterBytes - carried : Infinity;
    const silentIn = silence?.direction === direction ? silence.afterBytes - carried : Infinity;
    if (silentIn <= 0) this.silence();
    else if (cutIn <= 0 && cut) this.#suffer(direction, cut.by);
    return Math.max(0, Math.min(cutIn, silentIn));
  }

  carried(direction: Direction, bytes: number): void {
    this.#listener.carried(direction, bytes);
    // At the last byte before the fault, not at the next one, which may never be sent.
    this.allowance(direction, this.#pipes[direction].carried);
  }

  #suffer(direction: Direction, by: CutKind): void {
    if (by !== 'half') return this.cut(by);
    this.#pipes[direction].stop({ reading: true });
    this.#become('cut');
    (direction === 'toServer' ? this.#ends.server : this.#ends.client).end();
  }

  #stop(reading: boolean): void {
    for (const pipe of Object.values(this.#pipes)) pipe.stop({ reading });
  }

  #closeTogether(end: Duplex, other: Duplex): void {
    let failed = false;
    end.on('error', () => (failed = true));
    end.on('close', () => {
      if (failed || !end.readableEnded) this.#abandon(other);
      // If one side has ended both ways, all its bytes are in the pipes, which end the other side unless they are cut.
      else if (this.#state === 'cut') finish(other);
      if (other.closed) this.#become('closed');
    });
  }

  #abandon(end: Duplex): void {
    if (this.#state === 'silent') return;
    this.#stop(true);
    if (end instanceof Socket) end.resetAndDestroy();
    else end.destroy();
  }

  #become(state: LinkState): void {
    if (this.#state === state || this.#state === 'closed') return;
    this.#state = state;
    this.#listener.changed(state);
  }
}

/** Closes a stream after its pending writes. */
function finish(end: Duplex): void {
  if (end.writableFinished) end.destroy();
  else end.once('finish', () => end.destroy()).end();
}
