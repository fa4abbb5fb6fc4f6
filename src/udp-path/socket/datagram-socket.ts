/**
 * A UDP socket of one path. No failure of a send or a receive is thrown: a datagram that does not leave is a lost one, and a
 * failure that tells more is reported to `onFailure`.
 */
import type { RemoteInfo, Socket } from 'node:dgram';

/**
 * `refused`: an ICMP message says that no socket has the peer's port. `too-long`: the system does not send datagrams of this
 * size. `closed`: the socket can no longer be used.
 */
export type SocketFailure = 'refused' | 'too-long' | 'closed';

export interface Source {
  readonly address: string;
  readonly port: number;
}

export interface DatagramSocketListener {
  onDatagram(datagram: Buffer, source: Source): void;
  onFailure(failure: SocketFailure): void;
}

/** Datagrams that wait in libuv because the send buffer is full, at most. */
const MAX_QUEUED = 32;

const failures: Readonly<Record<string, SocketFailure>> = {
  ECONNREFUSED: 'refused',
  // Windows, for the same ICMP message.
  ECONNRESET: 'refused',
  EMSGSIZE: 'too-long',
  EBADF: 'closed',
  ENOTCONN: 'closed',
};

export class DatagramSocket {
  readonly #socket: Socket;
  /** Deno has no `getSendQueueCount`; there, datagrams without an answer of `send` count as queued. */
  readonly #countsItself: boolean;
  readonly #onSent = (error: Error | null): void => {
    if (this.#countsItself) this.#queued -= 1;
    if (error) this.#failed(error);
  };
  #listener: DatagramSocketListener | undefined;
  #isConnected = false;
  #isClosed = false;
  /** Datagrams that the last call of `send` has left in the queue. */
  #queued = 0;
  readonly port: number;
  /** Bytes of the receive buffer as the system has made it. */
  readonly receiveBufferBytes: number;

  /** @param socket - bound */
  constructor(socket: Socket) {
    this.#socket = socket;
    this.#countsItself = typeof socket.getSendQueueCount !== 'function';
    this.port = socket.address().port;
    this.receiveBufferBytes = socket.getRecvBufferSize();
    socket.on('message', (datagram: Buffer, source: RemoteInfo) => {
      if (!this.#isClosed) this.#listener?.onDatagram(datagram, source);
    });
    socket.on('error', (error) => this.#failed(error));
  }

  listen(listener: DatagramSocketListener): void {
    this.#listener = listener;
  }

  /** Whether another datagram may follow the last one: the system takes them as fast as they come. */
  get canSend(): boolean {
    return !this.#isClosed && this.#queued <= MAX_QUEUED;
  }

  /** Whether the system still held the memory of datagrams after the last `send`. */
  get holdsMemory(): boolean {
    return !this.#isClosed && this.#queued > 0;
  }

  /** From now on only this peer's datagrams arrive, and sending costs less. */
  connect({ address, port }: Source): void {
    this.disconnect();
    if (this.#isClosed) return;
    // The socket's `lookup` calls back at once, see `open-datagram-socket.ts`.
    this.#socket.connect(port, address);
    this.#isConnected = hasPeer(this.#socket);
  }

  /** From now on datagrams of all hosts arrive. */
  disconnect(): void {
    if (this.#isClosed || !this.#isConnected) return;
    this.#isConnected = false;
    this.#socket.disconnect();
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** The one call by which all datagrams leave: Node has none that sends several at once. */
  send(datagram: Uint8Array, { address, port }: Source): void {
    if (this.#isClosed) return;
    if (this.#countsItself) this.#queued += 1;
    if (this.#isConnected) this.#socket.send(datagram, this.#onSent);
    else this.#socket.send(datagram, port, address, this.#onSent);
    if (!this.#countsItself) this.#queued = this.#socket.getSendQueueCount();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener = undefined;
    this.#socket.close();
  }

  /** The rest, such as EAGAIN, ENOBUFS, EPERM and ENETUNREACH, is a lost datagram. */
  #failed(error: NodeJS.ErrnoException): void {
    const failure = failures[error.code ?? ''];
    if (failure && !this.#isClosed) this.#listener?.onFailure(failure);
  }
}

/** Whether `connect` has succeeded: without a route to the peer, the socket stays as it was, and emits an error later. */
function hasPeer(socket: Socket): boolean {
  try {
    socket.remoteAddress();
    return true;
  } catch {
    return false;
  }
}
