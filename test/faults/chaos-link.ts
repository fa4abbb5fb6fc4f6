/**
 * A chaotic connection: two pipes between two streams, and one fate for both. What its fate says happens after exactly
 * so many bytes; nothing of it is left when it is closed.
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ChaosPipe, type PipeOwner } from './chaos-pipe.js';
import type { CutKind, Direction, Fate } from './fate.js';
import type { Random } from './random.js';

/** What has become of a connection. */
export type LinkState = 'open' | 'cut' | 'silent' | 'closed';

/** Whom a link tells. */
export interface LinkListener {
  /** Bytes have gone on. */
  carried(direction: Direction, bytes: number): void;
  /** Its fate has come, or it is over. */
  changed(state: LinkState): void;
}

export class ChaosLink implements PipeOwner {
  readonly #fate: Fate;
  readonly #ends: { readonly client: Duplex; readonly server: Duplex };
  readonly #listener: LinkListener;
  readonly #pipes: Readonly<Record<Direction, ChaosPipe>>;
  #state: LinkState = 'open';

  /** Joins the client's stream with the server's. */
  constructor(
    ends: { client: Duplex; server: Duplex },
    plan: { fate: Fate; random: Random },
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

  /** Bytes that have gone on, each way. */
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

  /** Carries nothing any more, from now on, and says nothing of it. */
  silence(): void {
    if (this.#state === 'closed') return;
    this.#stop(false);
    this.#become('silent');
  }

  /** Takes what comes in one direction, and carries none of it. */
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
    // At the last byte before it, not when one comes that would be the next: nobody may be about to say more.
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
      // Of one that has ended both ways all is in the pipes, and the other side is told by them; unless they are cut.
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

/** Closes a stream when what was written to it is out. */
function finish(end: Duplex): void {
  if (end.writableFinished) end.destroy();
  else end.once('finish', () => end.destroy()).end();
}
