// Users with passwords and tokens, and what each of them may do.
// Look at what the server keeps: hashes, from which nobody gets the secrets back. They belong into a file or a database.
// @ts-check
import { randomBytes } from 'node:crypto';
import { FileClient, FileServer, hashPassword, hashToken, staticUsers, MemoryStorage } from 'socket-ftp';

const token = randomBytes(32).toString('base64url');
const users = {
  ann: { password: await hashPassword('correct horse battery staple') },
  backup: { tokens: [hashToken(token)], bandwidth: { upload: 1_000_000 } },
  guest: { password: await hashPassword('guest'), permissions: /** @type {const} */ (['list', 'read']) },
};
console.log('Kept of the password of ann:', users.ann.password.slice(0, 30), '...');

const server = new FileServer({ storage: new MemoryStorage(), authenticate: staticUsers(users) });
server.on('login', (_connection, { name }) => console.log(`${name} is in.`));
server.on('rejected', (_connection, { code }, user) => console.log(`${user ?? 'Somebody'} is not: ${code}.`));
await server.listen(0);
/** @param {unknown} error */
const say = (error) => console.log(error instanceof Error ? error.message : error);
const { port } = server;

const ann = new FileClient({ port, user: 'ann', password: 'correct horse battery staple' });
await ann.writeFile('report.txt', 'All is well.');

const backup = new FileClient({ port, token });
await backup.writeFile('backup.bin', Buffer.alloc(100_000));

const guest = new FileClient({ port, user: 'guest', password: 'guest' });
console.log(await guest.readFile('report.txt', 'utf8'));
await guest.remove('report.txt').catch(say);

const stranger = new FileClient({ port, user: 'ann', password: '123456' });
await stranger.stat('report.txt').catch(say);

for (const end of [ann, backup, guest, stranger, server]) await end.close();
