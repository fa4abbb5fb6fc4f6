// A large file over UDP, and over TCP where datagrams do not arrive.
// Look at `fallback`: it says why a connection does not use UDP. The transfer does not fail.
// @ts-check
import { FileClient, FileServer, MemoryStorage } from 'socket-ftp';

const MIB = 1_048_576;
const storage = new MemoryStorage();

/** @param {FileServer} server */
async function transfer(server) {
  await server.listen(0);
  const client = new FileClient({ port: server.port, transport: 'udp' });
  client.on('fallback', ({ reason }) => console.log(`TCP instead of UDP: ${reason}`));

  await client.writeFile('small.txt', 'Less than 1 MiB, so it travels over TCP.');
  await client.writeFile('large.bin', Buffer.alloc(32 * MIB, 'large '));
  const { length } = await client.readFile('large.bin');

  const { udpBytesSent, udpBytesReceived, bytesSent, bytesReceived, fallbacks } = client.stats();
  console.log(`${length} bytes are stored and read again.`);
  console.log(`UDP: ${udpBytesSent} bytes sent, ${udpBytesReceived} bytes received.`);
  console.log(
    `TCP: ${bytesSent} bytes sent, ${bytesReceived} bytes received, reports about datagrams included.`,
  );
  console.log(
    `Connections with UDP: ${server.stats().udpPaths}, without it although asked for: ${fallbacks}.\n`,
  );

  await client.close();
  await server.close();
}

// On a server with a firewall, `ports` are those that it lets in.
await transfer(new FileServer({ storage, udp: { ports: [50_000, 50_099] } }));
await transfer(new FileServer({ storage }));
