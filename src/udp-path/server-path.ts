/** Opens the server's end of a path, before the server accepts it. */
import { systemClock } from '../clock.js';
import type { BodyPathHost } from '../udp/body-path.js';
import { HelloDatagrams } from './handshake/hello-datagrams.js';
import { pathSeals, type PathSecrets } from './sealing/path-seals.js';
import type { DatagramSocket } from './socket/datagram-socket.js';
import { DatagramPath } from './datagram-path.js';
import type { PathSettings } from './path-settings.js';
import { ServerRole } from './server-role.js';

export interface ServerPathOptions extends PathSettings {
  readonly socket: DatagramSocket;
  readonly host: BodyPathHost;
  readonly secrets: PathSecrets;
  /** The client's address of the control connection. */
  readonly peerAddress: string;
  /** Whether datagrams may come from other addresses, e.g. behind a NAT with several. Default `false`. */
  readonly allowsOtherAddresses?: boolean | undefined;
  /** The largest datagram that both ends accept. */
  readonly maxDatagram: number;
}

/** Answers HELLOs. Data can be sent after `onPathConfirmation`. */
export function serverPath(options: ServerPathOptions): DatagramPath {
  const { socket, host, secrets, peerAddress, maxDatagram, connectionId } = options;
  const seals = pathSeals('server', secrets);
  const role = new ServerRole(socket, {
    hellos: new HelloDatagrams(connectionId, seals.outgoing),
    peerAddress,
    allowsOtherAddresses: options.allowsOtherAddresses ?? false,
    maxDatagram,
    now: systemClock,
  });
  return new DatagramPath({ socket, seals, role, host, settings: options });
}
