/** basic-ftp: a connection does one thing at a time, so there are as many as are needed, and they are kept. */
// @ts-check
import path from 'node:path';
import { Writable } from 'node:stream';
import { forEachAtOnce, timesOf } from '../../measuring/at-once.mjs';
import { load } from '../../packages/load.mjs';
import { AT_ONCE, smallName } from '../../workloads.mjs';
import { serveTasks } from '../tasks.mjs';
import { told } from '../told.mjs';

/**
 * The members in use.
 * @typedef {object} FtpClient
 * @property {(options: { host: string, port: number }) => Promise<unknown>} access
 * @property {(to: Writable | string, from: string) => Promise<unknown>} downloadTo
 * @property {(from: string, to: string) => Promise<unknown>} uploadFrom
 * @property {(name: string) => Promise<number>} size
 * @property {() => void} close
 */

const { address: port, root, target, disk } = /** @type {import('../told.mjs').ClientArgs} */ (told);
const { Client } = /** @type {{ Client: new () => FtpClient }} */ (await load('basic-ftp'));

/** Those that have nothing to do. @type {FtpClient[]} */
const pool = [];

/** @type {FtpClient[]} */
const idle = [];

serveTasks(
  {
    download: ({ bulk }) => pooled((client) => toNowhere(client, bulk)),
    'download-file': ({ bulk }) => pooled((client) => client.downloadTo(path.join(target, bulk), bulk)),
    'download-disk': ({ bulk }) => pooled((client) => client.downloadTo(path.join(disk, bulk), bulk)),
    upload: ({ bulk }) => pooled((client) => client.uploadFrom(path.join(root, bulk), `up/${bulk}`)),
    'small-down': ({ files }) => forEachAtOnce(files, AT_ONCE, downSmall),
    'small-down-1': ({ files }) => forEachAtOnce(files, 1, downSmall),
    'small-up': ({ files }) => forEachAtOnce(files, AT_ONCE, upSmall),
    'small-up-1': ({ files }) => forEachAtOnce(files, 1, upSmall),
    stat: ({ requests }) => forEachAtOnce(requests, 1, stat),
    'stat-64': ({ requests }) => forEachAtOnce(requests, AT_ONCE, stat),
    fresh: ({ connects }) => timesOf(connects, 1, () => alone(`small/${smallName(0)}`)),
    'clients-100': ({ clients, part }) => timesOf(clients, clients, () => alone(part)),
    idle: ({ connections }) => forEachAtOnce(connections, 16, async () => idle.push(await connected())),
  },
  { letGo: async () => idle.splice(0).forEach((client) => client.close()) },
);

async function connected() {
  const client = new Client();
  await client.access({ host: '127.0.0.1', port });
  return client;
}

/** @param {(client: FtpClient) => Promise<unknown>} action */
async function pooled(action) {
  const client = pool.pop() ?? (await connected());
  await action(client);
  pool.push(client);
}

/** @type {(client: FtpClient, name: string) => Promise<void>} */
async function toNowhere(client, name) {
  await client.downloadTo(new Writable({ write: (_chunk, _encoding, done) => done() }), name);
}

/** A file over a connection of its own. @param {string} name */
async function alone(name) {
  const client = await connected();
  await toNowhere(client, name);
  return () => client.close();
}

/** @param {number} index */
function downSmall(index) {
  return pooled((client) => toNowhere(client, `small/${smallName(index)}`));
}

/** @param {number} index */
function upSmall(index) {
  const name = smallName(index);
  return pooled((client) => client.uploadFrom(path.join(root, 'small', name), `up/${name}`));
}

function stat() {
  return pooled((client) => client.size(`small/${smallName(0)}`));
}
