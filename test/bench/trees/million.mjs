/**
 * Measures the memory that both ends need for a million files, each measurement with a server and a client of its own:
 * node test/bench/trees/million.mjs [files] [directories]. One directory makes a flat tree. `dist/` must be built.
 */
// @ts-check
import { fork } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { FileClient, FileServer } from '../../../dist/index.js';

const self = fileURLToPath(import.meta.url);

/** What a client does with the files, which resolves with a count. @type {Record<string, (client: FileClient, root: string) => Promise<number>>} */
const jobs = {
  list: (client) => count(client.list('/files', { recursive: true })),
  'plan, new': (client, root) =>
    count(client.planSync({ local: path.join(root, 'files') }, { remote: '/empty' })),
  'plan, equal': (client, root) =>
    count(client.planSync({ local: path.join(root, 'files') }, { remote: '/files' })),
};

const [first = '1000000', second = '1000', job = '', port] = process.argv.slice(2);
if (first === 'server') await serve(second);
else if (first === 'client') await work(second, job, Number(port));
else await measure(Number(first), Number(second));

/** @param {number} files @param {number} directories */
async function measure(files, directories) {
  const root = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'socket-ftp-million-'));
  try {
    makeTree(root, files, directories);
    for (const name of Object.keys(jobs)) {
      const server = fork(self, ['server', root]);
      const client = fork(self, ['client', root, name, String(await message(server))]);
      const { counted, used } = await message(client);
      server.send('end');
      console.log(
        name.padEnd(12),
        String(counted).padStart(8),
        ' client',
        used,
        ' server',
        await message(server),
      );
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** @param {string} root @param {number} files @param {number} directories */
function makeTree(root, files, directories) {
  mkdirSync(path.join(root, 'empty'));
  for (let index = 0; index < files; index += 1) {
    const directory = path.join(root, 'files', directories > 1 ? `directory-${index % directories}` : '');
    if (index < directories) mkdirSync(directory, { recursive: true });
    closeSync(openSync(path.join(directory, `file-${index}`), 'w'));
  }
}

/** @param {string} root */
async function serve(root) {
  const server = await new FileServer({ root }).listen(0);
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  process.send?.(port);
  await message(process);
  process.send?.(used());
  await server.close();
  process.disconnect();
}

/** @param {string} root @param {string} job @param {number} port */
async function work(root, job, port) {
  const client = new FileClient({ port });
  const counted = await jobs[job]?.(client, root);
  await client.close();
  process.send?.({ counted, used: used() });
  process.disconnect();
}

/** @param {AsyncIterable<unknown>} items */
async function count(items) {
  let counted = 0;
  for await (const item of items) if (item) counted += 1;
  return counted;
}

function used() {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  return `${Math.round(maxRSS / 1024)} MiB, CPU ${((userCPUTime + systemCPUTime) / 1e6).toFixed(1)} s`;
}

/** @param {import('node:child_process').ChildProcess | NodeJS.Process} from @returns {Promise<any>} */
function message(from) {
  return new Promise((resolve) => from.once('message', resolve));
}
