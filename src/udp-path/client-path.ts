/** Opens the client's end of a path, after the server has accepted it. */
import { isIPv4 } from 'node:net';
import type { BodyPathHost } from '../udp/body-path.js';
import { HelloDatagrams } from './handshake/hello-datagrams.js';
import { probeSizes } from './handshake/probe-sizes.js';
import { pathSeals, type PathSecrets } from './sealing/path-seals.js';
import type { DatagramSocket, Source } from './socket/datagram-socket.js';
import { plainAddress } from './socket/same-host.js';
import { ClientRole } from './client-role.js';
import { DatagramPath } from './datagram-path.js';
import type { PathSettings } from './path-settings.js';

export interface ClientPathOptions extends PathSettings {
  readonly socket: DatagramSocket;
  readonly host: BodyPathHost;
  readonly secrets: PathSecrets;
  /** The address of the control connection, and the port that the server has told. */
  readonly server: Source;
  /** Bytes of the datagrams to probe besides the smallest. Default: what common networks carry. */
  readonly datagramSize?: number | undefined;
  /** The largest datagram that both ends accept. */
  readonly maxDatagram: number;
}

/**
 * Starts the handshake. The path can be used from its first `host.sendPathConfirmation` on; `host.onBroken` is called if
 * the server does not answer within 4 round trips, 750 ms at least and 1.5 s at most.
 */
export function clientPath(options: ClientPathOptions): DatagramPath {
  const { socket, host, secrets, isSameHost, datagramSize, maxDatagram, connectionId } = options;
  const server = { address: plainAddress(options.server.address), port: options.server.port };
  const seals = pathSeals('client', secrets);
  const rule = { isSameHost, isIPv6: !isIPv4(server.address), datagramSize, maxDatagram };
  const role = new ClientRole(socket, {
    server,
    hellos: new HelloDatagrams(connectionId, seals.outgoing),
    sizes: probeSizes(rule),
    rttMs: options.rttMs,
    sendConfirmation: (confirmation) => host.sendPathConfirmation(confirmation),
  });
  return new DatagramPath({ socket, seals, role, host, settings: options });
}
