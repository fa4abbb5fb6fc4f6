/**
 * The ids of requests in events and snapshots. Attempts of one request have the same id if the client tells that they belong
 * together: the attempts of an upload have its upload id, those of another change its session and its number. The ids of uploads
 * and sessions also let a client continue or ask, so they must not be read in a log; a digest tells the same and permits nothing. That of an upload is the
 * same after a restart, and on each server of several.
 */
import { hash } from 'node:crypto';

/** Characters of a digest: 132 bits. */
const DIGEST_LENGTH = 22;

/**
 * @param secret - what the attempts have in common, and only they; undefined if the client has told nothing of it
 * @param attempt - the numbers of the connection and of its channel
 */
export function requestIdOf(secret: string | undefined, [connection, channel]: [number, number]): string {
  if (secret === undefined) return `${connection}-${channel}`;
  return digestOf(secret);
}

/** Names a secret. */
export function digestOf(secret: string): string {
  return hash('sha256', secret, 'base64url').slice(0, DIGEST_LENGTH);
}
