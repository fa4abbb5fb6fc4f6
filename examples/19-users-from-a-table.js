// Users from a table of a database: authenticate is one query and one comparison, and the row says what a user may do.
// Look at the second login of eve: what the table says counts from the next connection on.
// @ts-check
import { FileClient, FileServer, hashPassword, MemoryStorage, verifyPassword } from 'socket-ftp';

/** @import { Credentials, Permission } from 'socket-ftp' */

/** @type {Record<string, Permission[]>} */
const roles = { editor: ['list', 'read', 'write', 'delete'], reader: ['list', 'read'] };
// Stands for: SELECT password, role FROM users WHERE name = ?
const users = new Map([
  ['ann', { password: await hashPassword('a secret of ann'), role: 'editor' }],
  ['eve', { password: await hashPassword('a secret of eve'), role: 'reader' }],
]);
/** @param {string} name */
const queryUser = (name) => Promise.resolve(users.get(name));
// An unknown name must take as long as a wrong password, so that names cannot be guessed.
const decoy = await hashPassword('the password of no user');

/** @param {Credentials} credentials */
async function authenticate({ user = '', password = '', signal }) {
  const row = await queryUser(user);
  const isRight = await verifyPassword(password, row?.password ?? decoy, { signal });
  return isRight && row ? { name: user, permissions: roles[row.role] ?? [] } : false;
}

const server = await new FileServer({ storage: new MemoryStorage(), authenticate }).listen(0);
/** @param {string} user */
const login = (user) => new FileClient({ port: server.port, user, password: `a secret of ${user}` });
/** @param {FileClient} client */
const write = (client) => client.writeFile('plan.txt', 'A plan.').then(() => 'stored', String);

for (const [user, role] of /** @type {const} */ ([['ann'], ['eve'], ['eve', 'editor'], ['tom']])) {
  if (role) Object.assign(users.get(user) ?? {}, { role });
  const client = login(user);
  console.log(user, await write(client));
  await client.close();
}
await server.close();
