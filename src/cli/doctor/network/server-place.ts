/** Where a server is, for sockets. */
import type { NetConnectOpts } from 'node:net';
import type { RemoteUrl } from '../../url/remote-url.js';

/** The port of URLs without one. */
const DEFAULT_PORT = 2121;

export interface ServerPlace {
  readonly where: NetConnectOpts;
  /** How it is called in messages. */
  readonly name: string;
  /** `''` for a Unix socket. */
  readonly host: string;
}

/** The place of a URL. */
export function serverPlace({ host, port = DEFAULT_PORT, socketPath }: RemoteUrl): ServerPlace {
  if (socketPath !== undefined) return { where: { path: socketPath }, name: socketPath, host: '' };
  return { where: { host, port }, name: `port ${port} of ${host}`, host };
}
