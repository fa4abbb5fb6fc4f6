/** The client of `socket-ftp-server.mjs`: everything over one connection, as a program would write it. */
// @ts-check
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { FileClient } from 'socket-ftp';
import { serveTasks } from './tasks.mjs';
import { AT_ONCE, forEachAtOnce, smallName } from './workloads.mjs';

// The source of an upload is the program's own. Node's 64 KiB would measure the thread pool of the client.
const READ_BYTES = 256 * 1024;

const [addresses = '', folder = '', name = ''] = process.argv.slice(2);
const ports = JSON.parse(addresses);
const codec = /** @type {import('socket-ftp').CodecName} */ (name);
const client = new FileClient({ port: ports.fast.port, codec });
const durable = new FileClient({ port: ports.durable.port, codec });

serveTasks(
  {
    download: ({ bulk }) => toNowhere(bulk),
    'download-file': ({ bulk }) =>
      pipeline(client.download(bulk), createWriteStream(inFolder('target', bulk))),
    upload: ({ bulk }) => up(client, bulk),
    'upload-durable': ({ bulk }) => up(durable, bulk),
    'small-down': ({ files }) => forEachAtOnce(files, AT_ONCE, (index) => client.readFile(smallName(index))),
    'small-up': ({ files }) =>
      forEachAtOnce(files, AT_ONCE, async (index) => {
        const small = smallName(index);
        await client.writeFile(`up/${small}`, await readFile(inFolder('files', small)));
      }),
    stat: ({ requests }) => stats(requests, 1),
    'stat-64': ({ requests }) => stats(requests, AT_ONCE),
  },
  () => Promise.all([client.close(), durable.close()]),
);

/** @param {string} bulk */
async function toNowhere(bulk) {
  const download = client.download(bulk);
  download.resume();
  await new Promise((resolve, reject) => download.once('end', resolve).once('error', reject));
}

/** @type {(to: FileClient, bulk: string) => Promise<void>} */
function up(to, bulk) {
  const source = createReadStream(inFolder('files', bulk), { highWaterMark: READ_BYTES });
  return pipeline(source, to.upload(`up/${bulk}`));
}

/** @type {(requests: number, atOnce: number) => Promise<void>} */
function stats(requests, atOnce) {
  return forEachAtOnce(requests, atOnce, () => client.stat(smallName(0)));
}

/** @type {(...segments: string[]) => string} */
function inFolder(...segments) {
  return path.join(folder, ...segments);
}
