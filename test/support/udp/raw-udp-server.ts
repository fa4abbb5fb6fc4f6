/** A server that accepts a UDP path and then sends frames and datagrams that no real server sends, in any codec. */
import { randomBytes } from 'node:crypto';
import type { RemoteInfo, Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket as TcpSocket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { CodecName } from '../../../src/index.js';
import type { FrameOf } from '../../../src/protocol/frames.js';
import { HelloDatagrams } from '../../../src/udp-path/handshake/hello-datagrams.js';
import { pathSeals } from '../../../src/udp-path/sealing/path-seals.js';
import { datagramTypes, emptyHeader, parseDatagram } from '../../../src/udp/datagram.js';
import { frame, type Value } from '../../abuse/wire/frames/loose-frame.js';
import { LooseWire } from '../frames/loose-wire.js';
import { dataDatagram } from './data-datagram.js';
import { socketOn } from './raw-udp-client.js';

const CONNECTION = 7;

export class RawUdpServer {
  /** The TCP connection of the client. */
  tcp!: TcpSocket;
  wire!: LooseWire;
  socket!: Socket;
  /** The channel of the path. */
  pathId = 0;
  /** The token of answers to HELLOs; undefined: HELLOs are not answered. */
  token: number | undefined = 1;
  /** Bytes of the smallest HELLO that is answered. */
  smallestAnswered = 0;
  /** The socket that answers HELLOs. Default: the one that hears them. */
  answersFrom: Socket | undefined;
  /** Datagrams of the client. */
  readonly received = { hellos: 0, helloBytes: 0, data: 0 };
  readonly #server: Server;
  readonly #codec: CodecName;
  readonly #secret = randomBytes(16);
  readonly #seals = pathSeals('server', { secret: this.#secret, isTls: false });
  readonly #hellos = new HelloDatagrams(CONNECTION, this.#seals.outgoing);
  #client: RemoteInfo | undefined;
  #nextNumber = 0;

  private constructor(server: Server, codec: CodecName) {
    this.#server = server;
    this.#codec = codec;
  }

  /** Listens on an address of this host. */
  static async listen(codec: CodecName, address = '127.0.0.1'): Promise<RawUdpServer> {
    const tcp = createServer({ allowHalfOpen: true }).listen(0, address);
    onTestFinished(() => void tcp.close());
    await once(tcp, 'listening');
    const server = new RawUdpServer(tcp, codec);
    server.socket = await socketOn(address);
    server.socket.on('message', (datagram, source) => server.#onDatagram(datagram, source));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Accepts a connection and its path, in `accept` with other fields. */
  async acceptPath(fields: Record<string, Value> = {}): Promise<void> {
    const connected = once(this.#server, 'connection') as Promise<[TcpSocket]>;
    [this.tcp] = await connected;
    onTestFinished(() => void this.tcp.destroy());
    this.wire = new LooseWire(this.tcp, this.#codec);
    await this.wire.receive('hello');
    const limits = { maxFrame: 1_048_576, maxChannels: 64 };
    this.wire.send(frame('welcome', { version: 1, ...limits, features: 'udp' }));
    const { id } = await this.wire.receive('open', { op: 'udp' });
    this.pathId = id;
    const secret = this.#secret.toString('hex');
    const { port } = this.socket.address();
    const path = { port, connection: CONNECTION, secret, receiveBuffer: 400_000 };
    this.wire.send(frame('accept', { id, ...path, ...fields }));
  }

  /** Resolves when the client has confirmed the path, and has opened a request. */
  async request(op: 'download' | 'upload'): Promise<FrameOf<'open'>> {
    await this.wire.receive('confirm');
    return this.wire.receive('open', { op });
  }

  /** Accepts a download of a file of `size` bytes. */
  acceptDownload({ id, path = '' }: FrameOf<'open'>, size: number): void {
    const file = { path, kind: 'file', size, mtime: 1, etag: 'v1' };
    this.wire.send(frame('accept', { id, offset: 0, ...file, checksum: 'crc32' }));
  }

  /** A part of a body as a datagram. */
  data(channelId: number, offset: number, bytes: Uint8Array): Buffer {
    const packetNumber = this.#nextNumber;
    this.#nextNumber += 1;
    const header = { connectionId: CONNECTION, channelId, packetNumber, offset };
    return dataDatagram(this.#seals.outgoing, { ...header, bytes });
  }

  /** Sends a datagram to the client. Resolves when it has left. */
  async sendDatagram(datagram: Uint8Array, from: Socket = this.socket): Promise<void> {
    const { port, address } = this.#client ?? { port: 0, address: '' };
    await new Promise<void>((resolve) => from.send(datagram, port, address, () => resolve()));
  }

  /** The next datagrams have numbers that are higher by so many. */
  skipNumbers(count: number): void {
    this.#nextNumber += count;
  }

  /** Answers a HELLO, perhaps one that was never sent. */
  async answer(helloNumber: number, size: number): Promise<void> {
    const { token } = this;
    if (token === undefined) return;
    await this.sendDatagram(this.#hellos.answer(size, { helloNumber, token }), this.answersFrom);
  }

  #onDatagram(datagram: Buffer, client: RemoteInfo): void {
    const header = emptyHeader();
    if (!parseDatagram(datagram, this.#seals.incoming.extraBytes, header)) return;
    this.#client = client;
    if (header.type === datagramTypes.data) this.received.data += 1;
    if (header.type !== datagramTypes.hello) return;
    this.received.hellos += 1;
    this.received.helloBytes += datagram.length;
    if (datagram.length >= this.smallestAnswered) void this.answer(header.packetNumber, datagram.length);
  }
}
