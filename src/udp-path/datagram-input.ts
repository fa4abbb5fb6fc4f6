/** Finds the authentic datagrams among those that arrive, and what they are. */
import type { PathRole } from './path-role.js';
import { datagramTypes, emptyHeader, parseDatagram, type DatagramHeader } from '../udp/datagram.js';
import { parseHelloAnswer } from './handshake/hello-datagrams.js';
import type { DatagramSeal } from './sealing/datagram-seal.js';
import type { Source } from './socket/datagram-socket.js';

export interface DatagramInputSettings {
  readonly connectionId: number;
  readonly seal: DatagramSeal;
  readonly role: PathRole;
  /** An authentic datagram with a part of a body. Returns false if it is not accepted. */
  onData(header: Readonly<DatagramHeader>, payload: Buffer): boolean;
}

export class DatagramInput {
  readonly #settings: DatagramInputSettings;
  readonly #header = emptyHeader();
  rejected = 0;

  constructor(settings: DatagramInputSettings) {
    this.#settings = settings;
  }

  /** Returns whether the datagram came from the peer. */
  add(datagram: Buffer, source: Source): boolean {
    const isAccepted = this.#add(datagram, source);
    if (!isAccepted) this.rejected += 1;
    return isAccepted;
  }

  #add(datagram: Buffer, source: Source): boolean {
    const header = this.#header;
    const { seal, role, connectionId } = this.#settings;
    if (!parseDatagram(datagram, seal.extraBytes, header) || header.connectionId !== connectionId)
      return false;
    const isData = header.type === datagramTypes.data;
    if (isData && !role.accepts(source)) return false;
    const payload = seal.open(datagram, header);
    if (!payload) return false;
    if (isData) return this.#settings.onData(header, payload);
    if (header.type === datagramTypes.hello) role.onHello(header.packetNumber, datagram.length, source);
    else this.#onAnswer(payload);
    return role.accepts(source);
  }

  #onAnswer(payload: Buffer): void {
    const answer = parseHelloAnswer(payload);
    if (answer) this.#settings.role.onAnswer(answer);
  }
}
