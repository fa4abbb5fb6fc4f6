/**
 * Heartbeat: tells an idle peer from a dead one. Every byte that comes proves life; a peer that is silent is pinged, and
 * one that stays silent is given up. A peer that is only slow answers the ping.
 */
import { TransferError } from '../errors.js';
import type { Endpoint } from './endpoint.js';

/** How patient a heartbeat is, in milliseconds of silence. */
export interface HeartbeatSettings {
  /** Then a ping is sent. */
  readonly idleMs: number;
  /** Then the peer counts as dead. */
  readonly deadMs: number;
}

/** Watches a connection until it is closed. */
export function keepAlive(
  endpoint: Endpoint,
  ping: () => Promise<number>,
  settings: HeartbeatSettings,
): void {
  const { idleMs, deadMs } = settings;
  let bytesSeen = 0;
  let silentMs = 0;
  let stepMs = Math.min(idleMs, deadMs);
  const check = (): void => {
    const { bytesRead } = endpoint;
    silentMs = bytesRead === bytesSeen ? silentMs + stepMs : 0;
    bytesSeen = bytesRead;
    if (silentMs >= deadMs) {
      endpoint.destroy(new TransferError('ETIMEDOUT', `Nothing has come from the peer for ${deadMs} ms.`));
      return;
    }
    // A ping that fails does so because the connection is over, of which others tell.
    if (silentMs >= idleMs) ping().catch(() => undefined);
    stepMs = silentMs === 0 ? Math.min(idleMs, deadMs) : Math.min(idleMs, deadMs - silentMs);
    timer = setTimeout(check, stepMs).unref();
  };
  let timer = setTimeout(check, stepMs).unref();
  endpoint.once('close', () => clearTimeout(timer));
}
