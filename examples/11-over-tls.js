// Transfers over TLS, and who does not get in. Look at the option `tls` of both ends.
// The key in support/ is public, for trying out only: docs/guides/tls.md says how to make your own.
// @ts-check
import { readFile } from 'node:fs/promises';
import { FileClient, FileServer, MemoryStorage } from 'socket-ftp';

const key = await readFile(new URL('support/test-only-key.pem', import.meta.url));
const cert = await readFile(new URL('support/test-only-certificate.pem', import.meta.url));

const server = new FileServer({
  storage: new MemoryStorage(),
  tls: { key, cert },
  authenticate: ({ user, password }) => password === 'correct horse' && { name: user ?? 'nobody' },
});
await server.listen(0);
const { port } = server;
server.on('login', ({ encrypted }, { name }) => console.log(`${name} is in, encrypted: ${encrypted}`));

const ann = new FileClient({ port, tls: { ca: cert }, user: 'ann', password: 'correct horse' });
await ann.writeFile('secret.txt', 'Nobody on the way can read this.');
console.log(await ann.readFile('secret.txt', 'utf8'));
await ann.close();

/** @param {string} what @param {FileClient} client */
async function isRefused(what, client) {
  await client.stat('secret.txt').catch((/** @type {unknown} */ error) => {
    console.log(`${what}:`, error instanceof Error ? error.message : error);
  });
  await client.close();
}

// Nobody whom this client trusts has signed the certificate. The password is not sent.
await isRefused('Careful', new FileClient(`tls://ann:correct%20horse@localhost:${port}`));
await isRefused('Without TLS', new FileClient({ port }));
await server.close();
