/** Two paths over real sockets of this host, with a lossy proxy in between if a test asks for it. */
import { randomBytes } from 'node:crypto';
import type { DatagramPath } from '../../../src/udp-path/datagram-path.js';
import { clientPath } from '../../../src/udp-path/client-path.js';
import { serverPath } from '../../../src/udp-path/server-path.js';
import type { DatagramCipher } from '../../../src/udp-path/sealing/aead-seal.js';
import type { PathSecrets } from '../../../src/udp-path/sealing/path-seals.js';
import type { DatagramSocket } from '../../../src/udp-path/socket/datagram-socket.js';
import type { PathMemory } from '../../../src/udp-path/path-settings.js';
import { openDatagramSocket } from '../../../src/udp-path/socket/open-datagram-socket.js';
import { PortRange } from '../../../src/udp-path/socket/port-range.js';
import { LossyProxy, type Faults } from './lossy-proxy.js';
import { TestHost, type ControlFrame } from './test-host.js';

export interface LinkOptions {
  cipher?: DatagramCipher;
  faults?: Faults;
  seed?: number;
  /** Default true. */
  isSameHost?: boolean;
  datagramSize?: number;
  /** Of the control connection. Default 1. */
  rttMs?: number;
  maxRate?: number;
  maxIncomingRate?: number;
  /** What the server remembers. */
  memory?: PathMemory;
  /** A secret of the client that the server does not have. */
  clientSecret?: Uint8Array;
}

interface End {
  readonly host: TestHost;
  readonly path: DatagramPath;
  readonly socket: DatagramSocket;
}

export interface LinkedPaths extends AsyncDisposable {
  readonly client: End;
  readonly server: End;
  readonly proxy: LossyProxy;
  readonly secrets: PathSecrets;
  readonly connectionId: number;
}

const HOST = '127.0.0.1';

export async function linkedPaths(options: LinkOptions = {}): Promise<LinkedPaths> {
  const sockets = {
    server: await openDatagramSocket({ localAddress: HOST, peerAddress: HOST, ports: new PortRange() }),
    client: await openDatagramSocket({ peerAddress: HOST }),
  };
  const proxy = await LossyProxy.open(sockets.server.port, options.faults, options.seed);
  const connectionId = randomBytes(4).readUInt32BE();
  const secrets = secretsOf(options.cipher);
  const hosts = {
    client: new TestHost((frame) => deliver(frame, () => server)),
    server: new TestHost((frame) => deliver(frame, () => client)),
  };
  const { isSameHost = true, maxRate, maxIncomingRate, datagramSize, rttMs = 1 } = options;
  const common = { connectionId, rttMs, isSameHost, maxDatagram: 65_507 };
  const server = serverPath({
    ...common,
    socket: sockets.server,
    host: hosts.server,
    secrets,
    peerAddress: HOST,
    peerReceiveBuffer: sockets.client.receiveBufferBytes,
    memory: options.memory,
    maxRate,
  });
  const client = clientPath({
    ...common,
    socket: sockets.client,
    host: hosts.client,
    secrets: { ...secrets, secret: options.clientSecret ?? secrets.secret },
    server: { address: HOST, port: proxy.port },
    peerReceiveBuffer: sockets.server.receiveBufferBytes,
    maxRate,
    maxIncomingRate,
    datagramSize,
  });
  return {
    client: { host: hosts.client, path: client, socket: sockets.client },
    server: { host: hosts.server, path: server, socket: sockets.server },
    proxy,
    secrets,
    connectionId,
    async [Symbol.asyncDispose]() {
      client.close();
      server.close();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

export function secretsOf(cipher?: DatagramCipher): PathSecrets {
  const sealing = cipher && { cipher, keyingMaterial: randomBytes(64) };
  return { secret: randomBytes(16), isTls: cipher !== undefined, sealing };
}

function deliver(frame: ControlFrame, target: () => DatagramPath): void {
  setImmediate(() => frame(target()));
}
