// A codec of one's own that implements the whole contract: headers in MessagePack, sizes in front.
// Look at support/msgpack-codec.js; here it runs beside the built-in ones, and the server tells them apart.
// @ts-check
import { FileClient, FileServer, MemoryStorage } from 'socket-ftp';
import { builtinCodecs } from 'socket-ftp/protocol';
import { codecContract } from 'socket-ftp/contracts';
import { msgpackCodec } from './support/msgpack-codec.js';

const claims = codecContract(msgpackCodec);
for (const { run } of claims) await run();
console.log(`It keeps all ${claims.length} claims of the contract.`);

const server = await new FileServer({
  storage: new MemoryStorage(),
  codec: [msgpackCodec, 'json', 'text'],
}).listen(0);
server.on('requestEnd', ({ connection, operation, bytes }) => {
  console.log(`server: ${operation} of ${bytes} bytes in ${connection.codec}`);
});
const { port } = server;

const packed = new FileClient({ port, codec: msgpackCodec });
await packed.writeFile('packed.bin', Buffer.alloc(1_000_000, 7));
const readable = new FileClient({ port, codec: 'json' });
const { size, etag } = await readable.stat('packed.bin');
console.log(`A JSON client sees ${size} bytes with the etag ${etag}.`);

const frame = /** @type {const} */ ({ type: 'open', id: 1, op: 'download', path: 'packed.bin' });
for (const codec of [...Object.values(builtinCodecs), msgpackCodec]) {
  console.log(`A request in ${codec.name.padEnd(11)} has ${codec.encode(frame).length} bytes.`);
}

await packed.close();
await readable.close();
await server.close();
