import type { AddressInfo } from 'node:net';
import type { FileServer } from '../../../src/index.js';

/** The port that a server listens on. */
export function portOf(server: FileServer): number {
  return (server.address() as AddressInfo).port;
}
