/**
 * The client's end of a UDP path: its request, which lasts as long as the path.
 *
 *     open udp -> accept -> clientPath -> usable -> broken -> resent -> cancel -> terminal frame
 *                                                -> terminal frame -> broken -> resent
 */
import type { TLSSocket } from 'node:tls';
import { systemClock } from '../../clock.js';
import { TransferError } from '../../errors.js';
import type { FrameOf } from '../../protocol/frames.js';
import { PATH_WINDOW_BYTES } from '../../protocol/limits.js';
import type { ClientChannel, ClientChannelListener } from '../../session/channel/client-channel.js';
import type { ClientSession } from '../../session/client-session.js';
import { MAX_DATAGRAM_BYTES } from '../../session/path/options.js';
import { SessionPath } from '../../session/path/session-path.js';
import { clientPath } from '../../udp-path/client-path.js';
import { datagramCiphers } from '../../udp-path/sealing/aead-seal.js';
import { isSameHost } from '../../udp-path/socket/same-host.js';
import type { DatagramSocket } from '../../udp-path/socket/datagram-socket.js';
import { acceptedPath } from './accepted-path.js';
import type { ClientUdpSettings } from './options.js';

export interface ClientPathParts {
  readonly session: ClientSession;
  readonly socket: DatagramSocket;
  readonly settings: ClientUdpSettings;
  /** The other end of the connection. */
  readonly peer: { readonly address: string; readonly tls: TLSSocket | undefined };
}

export interface ClientPathListener {
  onUsable(): void;
  /** Called once. */
  onBroken(reason: string): void;
}

export class ClientPath implements ClientChannelListener {
  readonly #parts: ClientPathParts;
  readonly #listener: ClientPathListener;
  readonly #channel: ClientChannel;
  #path: SessionPath | undefined;
  #openedMs = 0;
  #isOpen = false;
  #isBroken = false;
  /** Whether datagrams do not get through, as the server says. Otherwise it has no place for the path, or closes. */
  #isNetwork = false;

  constructor(parts: ClientPathParts, listener: ClientPathListener) {
    const { session, socket, settings, peer } = parts;
    this.#parts = parts;
    this.#listener = listener;
    const fields = {
      op: 'udp',
      cipher: peer.tls ? datagramCiphers.join(' ') : undefined,
      receiveBuffer: socket.receiveBufferBytes,
      maxDatagram: settings.datagramSize ?? MAX_DATAGRAM_BYTES,
      maxRate: settings.maxRate,
    };
    this.#channel = session.request(fields, 'nothing', this);
  }

  /** Ends the path; bodies continue over the connection. */
  fail(reason: string): void {
    if (this.#path) this.#path.fail(reason);
    else this.#break(reason, false);
  }

  /** The connection has ended: the session has closed the path. */
  release(): void {
    this.#isBroken = true;
    if (!this.#isOpen) this.#parts.socket.close();
  }

  onOpening({ id }: FrameOf<'open'>): void {
    const { session } = this.#parts;
    this.#openedMs = systemClock();
    this.#path = session.path = new SessionPath(
      id,
      { host: session },
      {
        onUsable: () => {
          session.windowBudget.add(PATH_WINDOW_BYTES);
          this.#listener.onUsable();
        },
        onBroken: (reason, isNetwork) => this.#break(reason, isNetwork),
        onResent: () => this.#channel.cancel(),
      },
    );
  }

  onAccept(frame: FrameOf<'accept'>): void {
    if (this.#isBroken || !this.#path) return;
    const { socket, settings, peer } = this.#parts;
    const { port, maxRate, ...accepted } = acceptedPath(frame, peer.tls);
    this.#isOpen = true;
    this.#path.attach(
      clientPath({
        ...accepted,
        socket,
        host: this.#path,
        server: { address: peer.address, port },
        rttMs: systemClock() - this.#openedMs,
        isSameHost: isSameHost(peer.address),
        memory: settings.memory.of(peer.address),
        maxRate: Math.min(settings.maxRate ?? Infinity, maxRate),
        maxIncomingRate: settings.maxRate,
        datagramSize: settings.datagramSize,
        maxDatagram: settings.datagramSize ?? MAX_DATAGRAM_BYTES,
      }),
    );
  }

  onClose(outcome: FrameOf<'result'> | TransferError): void {
    const reason = outcome instanceof TransferError ? outcome.reason : 'The server has ended the UDP path.';
    // ECONNRESET: datagrams do not reach the server, or its own do not reach this end.
    this.#isNetwork = outcome instanceof TransferError && outcome.code === 'ECONNRESET';
    if (this.#path) this.#path.onEnd(reason);
    else this.#break(reason, false);
  }

  onLost(): void {
    // `release` follows.
  }

  #break(reason: string, isNetwork: boolean): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    const { settings, peer, socket } = this.#parts;
    if (isNetwork || this.#isNetwork) settings.memory.block(peer.address, reason);
    if (!this.#isOpen) socket.close();
    this.#listener.onBroken(reason);
  }
}
