/**
 * The server's end of a UDP path: the request of its client, which lasts as long as the path.
 *
 *     open udp -> socket -> accept -> HELLO, confirm -> usable -> broken -> resent -> error
 *                                                    -> cancel -> broken -> resent -> error
 */
import { randomInt } from 'node:crypto';
import { Socket } from 'node:net';
import { TransferError } from '../../errors.js';
import type { FrameOf } from '../../protocol/frames.js';
import type { ServerChannel, ServerChannelListener } from '../../session/channel/server-channel.js';
import { SessionPath } from '../../session/path/session-path.js';
import type { ServerSession } from '../../session/server-session.js';
import type { Endpoint } from '../../session/transport/endpoint.js';
import { MIN_DATAGRAM_BYTES } from '../../udp/datagram.js';
import { isSameHost } from '../../udp-path/socket/same-host.js';
import type { DatagramSocket } from '../../udp-path/socket/datagram-socket.js';
import type { PathSecrets } from '../../udp-path/sealing/path-seals.js';
import { pathModules } from './path-modules.js';
import type { RetainedShare } from './retained-share.js';
import type { UdpPaths } from './udp-paths.js';

/** A request for a path, and its connection. */
export interface PathOrigin {
  readonly open: FrameOf<'open'>;
  readonly session: ServerSession;
  readonly endpoint: Endpoint;
  /** The stream of the connection, above TLS; undefined if datagrams cannot take the same way. */
  readonly stream: unknown;
  /** Bodies travel over TCP from now on. */
  onFallback(reason: string): void;
}

const MAX_CONNECTION_ID = 2 ** 32;

/** Until the path has measured it. */
const DEFAULT_RTT_MS = 100;

/** Serves a request to open a path. */
export function openPath(paths: UdpPaths | undefined, channel: ServerChannel, origin: PathOrigin): void {
  if (!paths) channel.fail(new TransferError('ENOTSUP', 'The server does not offer UDP.'));
  else if (origin.session.path?.isOver === false)
    channel.fail(new TransferError('EAGAIN', 'The connection already has a UDP path.'));
  else new ConnectionPath(paths, channel, origin);
}

class ConnectionPath implements ServerChannelListener {
  readonly #paths: UdpPaths;
  readonly #origin: PathOrigin;
  readonly #channel: ServerChannel;
  readonly #path: SessionPath;
  /** Why the path has ended: ECONNRESET if datagrams do not get through. */
  #failure = new TransferError('ECONNRESET');
  #isAccepted = false;
  #leave: (() => void) | undefined;
  #retained: RetainedShare | undefined;

  constructor(paths: UdpPaths, channel: ServerChannel, origin: PathOrigin) {
    this.#paths = paths;
    this.#origin = origin;
    this.#channel = channel;
    // At once, so that a second request is refused, and the connection does not wait for the channel to end.
    const { session, endpoint } = origin;
    this.#path = session.path = new SessionPath(
      channel.id,
      { host: session, throttles: endpoint },
      {
        onBroken: (reason, isNetwork) => {
          this.#failure = new TransferError(isNetwork ? 'ECONNRESET' : 'EIO', reason);
          origin.onFallback(reason);
        },
        onResent: () => this.#end(channel.failure ?? this.#failure),
      },
    );
    channel.listen(this);
    this.#start().catch((thrown: unknown) => this.#end(TransferError.from(thrown)));
  }

  onReadable(): void {
    // The request has no body.
  }

  onStop(error: TransferError): void {
    // The session has closed the path of a lost connection.
    if (this.#channel.closed) return this.#release();
    const reason = error.code === 'ECANCELED' ? 'The client has ended the UDP path.' : error.reason;
    if (this.#isAccepted) this.#path.onEnd(reason);
    else this.#end(error);
  }

  async #start(): Promise<void> {
    const { open, stream } = this.#origin;
    const { remoteAddress, localAddress } = stream instanceof Socket ? stream : {};
    if (!(stream instanceof Socket) || remoteAddress === undefined)
      throw new TransferError('ENOTSUP', 'Datagrams cannot take the way of this connection.');
    this.#leave = this.#paths.enter(remoteAddress);
    const { ports } = this.#paths;
    const { newPathSecrets, openDatagramSocket, serverPath } = await pathModules();
    const secrets = newPathSecrets(stream, open.cipher);
    const socket = await openDatagramSocket({ peerAddress: remoteAddress, localAddress, ports });
    if (this.#channel.closed || this.#channel.failure) {
      socket.close();
      return this.#release();
    }
    this.#retained = this.#paths.retainedBy(remoteAddress);
    this.#accept(serverPath, { socket, peerAddress: remoteAddress, secrets });
  }

  #accept(
    serverPath: typeof import('../../udp-path/server-path.js').serverPath,
    { socket, peerAddress, secrets }: { socket: DatagramSocket; peerAddress: string; secrets: PathSecrets },
  ): void {
    const { open, endpoint } = this.#origin;
    const { settings, memory } = this.#paths;
    const path = this.#path;
    this.#isAccepted = true;
    const connectionId = randomInt(MAX_CONNECTION_ID);
    const maxIncomingRate = lowest(settings.maxRate, endpoint.receiving?.bytesPerSecond);
    const { maxDatagram = MIN_DATAGRAM_BYTES, receiveBuffer = 0, maxRate } = open;
    path.attach(
      serverPath({
        socket,
        host: path,
        secrets,
        peerAddress,
        connectionId,
        rttMs: DEFAULT_RTT_MS,
        isSameHost: isSameHost(peerAddress),
        peerReceiveBuffer: receiveBuffer,
        allowsOtherAddresses: settings.allowsOtherAddresses,
        maxDatagram: Math.min(maxDatagram, settings.maxDatagram),
        memory: memory.of(peerAddress),
        retained: this.#retained,
        maxRate: lowest(maxRate, settings.maxRate, endpoint.sending?.bytesPerSecond),
        maxIncomingRate,
      }),
    );
    this.#channel.accept({
      cipher: secrets.sealing?.cipher,
      port: socket.port,
      connection: connectionId,
      secret: Buffer.from(secrets.secret).toString('hex'),
      receiveBuffer: socket.receiveBufferBytes,
      maxRate: maxIncomingRate,
    });
  }

  #end(error: TransferError): void {
    if (!this.#isAccepted) this.#path.close();
    this.#release();
    this.#channel.fail(error);
  }

  #release(): void {
    this.#retained?.release();
    this.#leave?.();
    this.#leave = undefined;
  }
}

/** The lowest of the limits; undefined without any. */
function lowest(...limits: (number | undefined)[]): number | undefined {
  const lowestLimit = Math.min(...limits.map((limit) => limit ?? Infinity));
  return lowestLimit === Infinity ? undefined : Math.ceil(lowestLimit);
}
