// A backup for every night: only what has changed is sent, and what is replaced or deleted is kept in a folder of that night.
// Look at the failure: it does not stop the other files, nothing is deleted, and the next night does the rest.
// @ts-check
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FileClient, FileServer, MemoryStorage } from 'socket-ftp';

const storage = new MemoryStorage();
const server = new FileServer({ storage, authorize: (_identity, _what, file) => !file.endsWith('.key') });
await server.listen(0);

/** @param {string} local @param {string} night */
async function backUp(local, night) {
  const client = new FileClient({ port: server.port });
  const { files, deleted, withheld, isComplete, failed, problems } = await client.sync(
    { local },
    { remote: '/backup' },
    { mode: 'mirror', ignore: ['node_modules/', '*.log'], backupDirectory: `.replaced/${night}` },
  );
  console.log(`${night}: ${files} files sent, ${deleted} deleted, ${isComplete ? 'complete' : 'incomplete'}`);
  for (const { action, error } of failed) console.log(`  ${action.path}: ${error.message}`);
  for (const { path, message } of problems) console.log(`  ${path}: ${message}`);
  if (withheld > 0) console.log(`  ${withheld} deletes wait for a night without failures.`);
  for await (const { kind, path } of client.list('/backup', { recursive: true }))
    if (kind === 'file') console.log(`  stored: ${path}`);
  await client.close();
}

const local = await mkdtemp(path.join(tmpdir(), 'socket-ftp-'));
/** @param {string} name */
const write = (name) => writeFile(path.join(local, name), `${name} of ${Date.now()}`);
for (const name of ['plan.txt', 'old.txt', 'debug.log']) await write(name);
await backUp(local, 'monday');
for (const name of ['plan.txt', 'server.key']) await write(name);
await rm(path.join(local, 'old.txt'));
await backUp(local, 'tuesday');
await rm(path.join(local, 'server.key'));
await backUp(local, 'wednesday');
await Promise.all([server.close(), rm(local, { recursive: true })]);
