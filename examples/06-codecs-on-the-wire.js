// Shows what goes over the wire in each of the four codecs.
// Look at `tap`: a client's `connect` may return any Duplex of bytes, so one may stand between it and the socket.
// @ts-check
import { connect } from 'node:net';
import { duplexPair } from 'node:stream';
import { FileClient, FileServer, MemoryStorage } from 'socket-ftp';
import { builtinCodecs } from 'socket-ftp/protocol';

const storage = new MemoryStorage();
const server = await new FileServer({ storage }).listen(0);
const { port } = server;

/** @type {(from: string, bytes: Buffer, codec: string) => void} */
function show(from, bytes, codec) {
  const lines =
    codec === 'binary'
      ? (bytes.toString('hex').match(/.{1,64}/g) ?? [])
      : bytes.toString().trimEnd().split('\n');
  for (const line of lines) console.log(`  ${from} ${line}`);
}

/** @type {(codec: string) => import('node:stream').Duplex} */
function tap(codec) {
  const socket = connect({ port, noDelay: true, allowHalfOpen: true });
  const [near, far] = duplexPair();
  far.on('data', (bytes) => show('>', bytes, codec)).pipe(socket);
  socket.on('data', (bytes) => show('<', bytes, codec)).pipe(far);
  return near;
}

for (const codec of /** @type {import('socket-ftp').CodecName[]} */ (Object.keys(builtinCodecs))) {
  console.log(`${codec}:`);
  const client = new FileClient({ codec, connect: () => tap(codec) });
  await client.writeFile('my note.txt', 'Hello, wire!');
  await client.close();
}
await server.close();
