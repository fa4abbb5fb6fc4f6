/** Opens the UDP socket of a path. */
import { createSocket, type Socket, type SocketOptions } from 'node:dgram';
import { isIPv4 } from 'node:net';
import { TransferError } from '../../errors.js';
import { DatagramSocket } from './datagram-socket.js';
import { plainAddress } from './same-host.js';
import type { PortRange } from './port-range.js';

export interface SocketSettings {
  /** The address on which datagrams arrive: that of the control connection. Default: all. */
  readonly localAddress?: string | undefined;
  /** The address of the peer, which decides between IPv4 and IPv6. */
  readonly peerAddress: string;
  /** The ports to choose from. Default: the system chooses. */
  readonly ports?: PortRange | undefined;
  /** Bytes of the receive buffer. The system may give less: with the default limit of Linux 425,984. */
  readonly receiveBufferBytes?: number | undefined;
}

/** With less, bursts of a fast link are lost: 147 instead of 178 Mbit/s with 208 KiB at 300 Mbit/s and 200 ms. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

const SEND_BUFFER_BYTES = 4 * 1024 * 1024;

/** @throws TransferError `EMFILE` - every port of the range is in use; or the error of the system */
export async function openDatagramSocket(settings: SocketSettings): Promise<DatagramSocket> {
  const socket = await boundSocket(settings);
  socket.setRecvBufferSize(settings.receiveBufferBytes ?? RECEIVE_BUFFER_BYTES);
  socket.setSendBufferSize(SEND_BUFFER_BYTES);
  return new DatagramSocket(socket);
}

async function boundSocket(settings: SocketSettings): Promise<Socket> {
  const { ports } = settings;
  if (!ports) return bind(settings, 0);
  for (const port of ports.free()) {
    // Taken while it is bound, so that two paths that open at the same time do not try the same port.
    ports.take(port);
    try {
      const socket = await bind(settings, port);
      return socket.once('close', () => ports.release(port));
    } catch (error) {
      ports.release(port);
      if (!isPortError(error)) throw error;
    }
  }
  throw new TransferError('EMFILE', `All UDP ports from ${ports.toString()} are in use.`);
}

function bind({ localAddress, peerAddress }: SocketSettings, port: number): Promise<Socket> {
  const type = isIPv4(plainAddress(peerAddress)) ? 'udp4' : 'udp6';
  const address = localAddress === undefined ? undefined : plainAddress(localAddress);
  // Its connection alone decides whether the process lives on, by `ref()` and `unref()`.
  const socket = createSocket({ type, lookup: lookUpNothing }).unref();
  return new Promise((resolve, reject) => {
    const onError = (error: Error): void => {
      socket.close();
      reject(error);
    };
    socket.once('error', onError);
    const onBound = (): void => {
      socket.off('error', onError);
      resolve(socket);
    };
    // Exclusive: workers of a cluster do not share the socket.
    socket.bind({ port, exclusive: true, ...(address !== undefined && { address }) }, onBound);
  });
}

/** All hosts are addresses already. Node's own lookup calls back in a later turn. */
const lookUpNothing: NonNullable<SocketOptions['lookup']> = (address, family, callback) => {
  callback(null, address, typeof family === 'number' ? family : 0);
};

function isPortError(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EADDRINUSE' || code === 'EACCES';
}
