/** What a server knows of the client of one connection. It grows: address, encryption, codec, user. */
import type { Duplex } from 'node:stream';
import { toFieldText } from '../../protocol/fields.js';
import type { ConnectionInfo } from '../monitoring/connection-info.js';
import {
  connectionSnapshot,
  type ConnectionParts,
  type ConnectionSnapshot,
} from '../monitoring/connection-snapshot.js';
import { originOf, type Peer } from '../peer.js';
import type { AcceptedSocket } from './server-context.js';

/** Characters of an agent that are kept. */
const MAX_AGENT_LENGTH = 200;

export class ConnectedClient {
  readonly #info: { -readonly [Name in keyof ConnectionInfo]: ConnectionInfo[Name] };
  readonly #connectedAt = Date.now();
  #peer: Peer;
  #stream: Duplex | undefined;
  #agent: string | undefined;

  constructor(id: number, { duplex, tls, peer }: AcceptedSocket) {
    const { address: remoteAddress, port: remotePort } = peer;
    const encrypted = tls !== undefined || peer.encrypted;
    this.#info = { id, remoteAddress, remotePort, encrypted, codec: undefined, user: undefined };
    this.#peer = peer;
    this.#stream = duplex;
  }

  /** The public description of the connection. Always the same object. */
  get info(): ConnectionInfo {
    return this.#info;
  }

  get peer(): Peer {
    return this.#peer;
  }

  /** The stream of the connection, above TLS. */
  get stream(): Duplex | undefined {
    return this.#stream;
  }

  /** The key under which connections share limits. */
  get origin(): string {
    return originOf(this.#peer, this.#info.id);
  }

  /** A proxy has announced the address. */
  onAddress(peer: Peer): void {
    this.#peer = peer;
    this.#info.remoteAddress = peer.address;
    this.#info.remotePort = peer.port;
  }

  /** The stream is open, and its certificate is known. */
  onStream(peer: Peer, stream: Duplex): void {
    this.#peer = peer;
    this.#stream = stream;
    this.#info.encrypted = peer.encrypted;
  }

  onLogin(user: string | undefined): void {
    this.#info.user = user;
  }

  onOpen(codec: string, agent: string | undefined): void {
    this.#info.codec = codec;
    this.#agent = agent === undefined ? undefined : toFieldText(agent, MAX_AGENT_LENGTH);
  }

  snapshot(parts: Pick<ConnectionParts, 'session' | 'endpoint' | 'requests'>): ConnectionSnapshot {
    const known = { stream: this.#stream, connectedAt: this.#connectedAt, agent: this.#agent };
    return connectionSnapshot(this.#info, { ...parts, ...known });
  }
}
