/** Several peers that do the same. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scene } from '../scene.js';
import { HostilePeer, type Reading } from './hostile-peer.js';

/** Time in ms between two looks, and looks without a change after which nothing moves any more. */
const LOOK_MS = 100;
const STILL_LOOKS = 15;

export interface MobOfPeersPlan {
  readonly addresses: number;
  /** Connections from each of them. */
  readonly perAddress: number;
  readonly reads: Reading;
}

export class MobOfPeers {
  readonly peers: readonly HostilePeer[];
  readonly #scene: Scene;

  /** Resolves when all are connected. */
  static async join(scene: Scene, { addresses, perAddress, reads }: MobOfPeersPlan): Promise<MobOfPeers> {
    const joining = Array.from({ length: addresses * perAddress }, (_, index) =>
      HostilePeer.join({ port: scene.port, address: 2 + (index % addresses), reads }),
    );
    return new MobOfPeers(scene, await Promise.all(joining));
  }

  private constructor(scene: Scene, peers: readonly HostilePeer[]) {
    this.#scene = scene;
    this.peers = peers;
  }

  /** A sum over all peers. */
  sum(property: 'sentBytes' | 'receivedBytes' | 'ended'): number {
    return this.peers.reduce((sum, peer) => sum + peer[property], 0);
  }

  /** How the channels have ended, and how often. */
  get ends(): string {
    const ends = new Map<string, number>();
    for (const peer of this.peers)
      for (const [end, count] of peer.ends) ends.set(end, (ends.get(end) ?? 0) + count);
    return [...ends].map(([end, count]) => `${end} ${count}`).join(' ');
  }

  /** Resolves when nothing moves any more, or so many channels have ended. */
  async settle(ended: number): Promise<void> {
    for (let looks = 0, seen = -1; looks < STILL_LOOKS && this.sum('ended') < ended; looks += 1) {
      // Until the server answers, it is at work.
      await this.#scene.server.ask('stats', undefined);
      await sleep(LOOK_MS);
      const moved = this.sum('sentBytes') + this.sum('receivedBytes');
      if (moved !== seen) looks = 0;
      seen = moved;
    }
  }

  /** All go. */
  async leave(): Promise<void> {
    await Promise.all(this.peers.map((peer) => peer.leave()));
  }
}
