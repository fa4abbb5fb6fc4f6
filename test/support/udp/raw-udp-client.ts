/** A client that opens a UDP path and then sends frames and datagrams that no real client sends, in any codec. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { onTestFinished } from 'vitest';
import type { CodecName } from '../../../src/index.js';
import type { FrameOf } from '../../../src/protocol/frames.js';
import { HelloDatagrams, parseHelloAnswer } from '../../../src/udp-path/handshake/hello-datagrams.js';
import { pathSeals, type PathSeals } from '../../../src/udp-path/sealing/path-seals.js';
import { datagramTypes, emptyHeader, parseDatagram } from '../../../src/udp/datagram.js';
import { frame, type Value } from '../../abuse/wire/frames/loose-frame.js';
import { LooseWire } from '../frames/loose-wire.js';
import { until } from '../until.js';
import { dataDatagram } from './data-datagram.js';

const HELLO_BYTES = 1_200;

export class RawUdpClient {
  /** The channel of the path. */
  readonly pathId = 1;
  readonly wire: LooseWire;
  accept!: FrameOf<'accept'>;
  socket!: Socket;
  token = 0;
  /** Datagrams from the server, their bytes, and the highest number of a DATA. */
  readonly received = { count: 0, bytes: 0, highest: -1 };
  #seals!: PathSeals;
  #hellos!: HelloDatagrams;
  #nextNumber = 0;

  private constructor(wire: LooseWire) {
    this.wire = wire;
  }

  /** Says hello. */
  static async connect(port: number, codec: CodecName, localAddress = '127.0.0.1'): Promise<RawUdpClient> {
    const tcp = connect({ host: '127.0.0.1', port, localAddress, allowHalfOpen: true });
    onTestFinished(() => void tcp.destroy());
    await once(tcp, 'connect');
    const client = new RawUdpClient(new LooseWire(tcp, codec));
    client.wire.send(frame('hello', { version: 1, features: 'udp' }));
    await client.wire.receive('welcome');
    return client;
  }

  /** With a path that is accepted, and not confirmed. */
  static async opening(
    port: number,
    codec: CodecName,
    fields: Record<string, Value> = {},
  ): Promise<RawUdpClient> {
    const client = await RawUdpClient.connect(port, codec);
    const { wire, pathId } = client;
    wire.send(
      frame('open', { id: pathId, op: 'udp', receiveBuffer: 400_000, maxDatagram: 1_472, ...fields }),
    );
    client.accept = await wire.receive('accept', { id: pathId });
    const { secret = '', connection = 0 } = client.accept;
    client.#seals = pathSeals('client', { secret: Buffer.from(secret, 'hex'), isTls: false });
    client.#hellos = new HelloDatagrams(connection, client.#seals.outgoing);
    client.socket = await socketOn('127.0.0.1');
    client.socket.on('message', (datagram) => {
      client.received.count += 1;
      client.received.bytes += datagram.length;
      const header = emptyHeader();
      if (!parseDatagram(datagram, client.#seals.incoming.extraBytes, header)) return;
      if (header.type === datagramTypes.data)
        client.received.highest = Math.max(client.received.highest, header.packetNumber);
    });
    return client;
  }

  /** With a path that is confirmed. */
  static async open(
    port: number,
    codec: CodecName,
    fields: Record<string, Value> = {},
  ): Promise<RawUdpClient> {
    const client = await RawUdpClient.opening(port, codec, fields);
    const answered = once(client.socket, 'message') as Promise<[Buffer]>;
    client.sendDatagram(client.hello());
    const [answer] = await answered;
    const header = emptyHeader();
    parseDatagram(answer, client.#seals.incoming.extraBytes, header);
    const payload = client.#seals.incoming.open(answer, header) ?? Buffer.alloc(0);
    client.token = parseHelloAnswer(payload)?.token ?? 0;
    client.confirm(client.token, HELLO_BYTES);
    await client.wire.settle(1);
    return client;
  }

  /** Asks for a path. Resolves with `accept`, or the code of the error. */
  async ask(): Promise<string> {
    const { wire, pathId } = this;
    wire.send(frame('open', { id: pathId, op: 'udp', receiveBuffer: 1, maxDatagram: 1_200 }));
    const words = (): string[] => wire.wordsOf(pathId);
    await until(() => words().length > 0);
    return words()[0] ?? '';
  }

  get port(): number {
    return this.accept.port ?? 0;
  }

  confirm(token: number, size: number): void {
    this.wire.send(frame('confirm', { id: this.pathId, token, size }));
  }

  hello(): Buffer {
    return this.#hellos.hello(HELLO_BYTES);
  }

  /** A part of a body as a datagram. */
  data(channelId: number, offset: number, bytes: Uint8Array): Buffer {
    const header = { connectionId: this.accept.connection ?? 0, channelId, offset };
    const packetNumber = this.#nextNumber;
    this.#nextNumber += 1;
    return dataDatagram(this.#seals.outgoing, { ...header, packetNumber, bytes });
  }

  sendDatagram(datagram: Uint8Array, from: Socket = this.socket): void {
    from.send(datagram, this.port, '127.0.0.1');
  }

  /** Opens an upload, and resolves when it is accepted. */
  async upload(id: number, name: string): Promise<FrameOf<'accept'>> {
    this.wire.send(frame('open', { id, op: 'upload', path: name }));
    return this.wire.receive('accept', { id });
  }
}

/** A data frame with an offset. */
export function dataAt(id: number, offset: number, payload: string | Uint8Array) {
  return frame('data', { id, length: Buffer.byteLength(payload), offset }, payload);
}

/** A UDP socket of an address of this host, by default of any port; it is closed when the test ends. */
export async function socketOn(address: string, port = 0): Promise<Socket> {
  const socket = createSocket('udp4');
  onTestFinished(() => void socket.close());
  socket.bind(port, address);
  await once(socket, 'listening');
  return socket;
}
