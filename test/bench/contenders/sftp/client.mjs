/** ssh2-sftp-client: everything over one connection, in streams, and by its own file calls where a file is written. */
// @ts-check
import { userInfo } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { forEachAtOnce, timesOf } from '../../measuring/at-once.mjs';
import { load } from '../../packages/load.mjs';
import { AT_ONCE, smallName } from '../../workloads.mjs';
import { serveTasks } from '../tasks.mjs';
import { told } from '../told.mjs';

/** @import { ServerArgs } from '../told.mjs' */

/**
 * The members in use.
 * @typedef {object} SftpClient
 * @property {(settings: object) => Promise<unknown>} connect
 * @property {(from: string, to: Writable) => Promise<unknown>} get
 * @property {(from: string, to: string) => Promise<unknown>} fastGet
 * @property {(from: string, to: string) => Promise<unknown>} put
 * @property {(from: string, to: string) => Promise<unknown>} fastPut
 * @property {(name: string) => Promise<unknown>} stat
 * @property {() => Promise<unknown>} end
 */

const { address, root, target, disk } =
  /** @type {ServerArgs & { address: { port: number, privateKey: string } }} */ (told);
const { default: Client } = /** @type {{ default: new () => SftpClient }} */ (await load('ssh2-sftp-client'));
const client = await connected();

/** @type {SftpClient[]} */
const idle = [];

serveTasks(
  {
    download: ({ bulk }) => toNowhere(client, bulk),
    'download-file': ({ bulk }) => toFile(bulk, target),
    'download-disk': ({ bulk }) => toFile(bulk, disk),
    upload: ({ bulk }) => up(bulk),
    'small-down': ({ files }) => forEachAtOnce(files, AT_ONCE, downSmall),
    'small-down-1': ({ files }) => forEachAtOnce(files, 1, downSmall),
    'small-up': ({ files }) => forEachAtOnce(files, AT_ONCE, upSmall),
    'small-up-1': ({ files }) => forEachAtOnce(files, 1, upSmall),
    stat: ({ requests }) => forEachAtOnce(requests, 1, stat),
    'stat-64': ({ requests }) => forEachAtOnce(requests, AT_ONCE, stat),
    fresh: ({ connects }) => timesOf(connects, 1, () => alone(inSmall(0))),
    'clients-100': ({ clients, part }) => timesOf(clients, clients, () => alone(part)),
    idle: ({ connections }) => forEachAtOnce(connections, 8, async () => idle.push(await connected())),
  },
  { letGo: () => Promise.all(idle.splice(0).map((one) => one.end())), close: () => client.end() },
);

async function connected() {
  const one = new Client();
  const { port, privateKey } = address;
  await one.connect({ host: '127.0.0.1', port, privateKey, username: userInfo().username });
  return one;
}

/** @type {(from: SftpClient, name: string) => Promise<void>} */
async function toNowhere(from, name) {
  await from.get(inRoot(name), new Writable({ write: (_chunk, _encoding, done) => done() }));
}

/** @type {(name: string, folder: string) => Promise<void>} */
async function toFile(name, folder) {
  await client.fastGet(inRoot(name), path.join(folder, name));
}

/** @param {string} bulk */
async function up(bulk) {
  await client.fastPut(inRoot(bulk), inRoot('up', bulk));
}

/** A file over a connection of its own. @param {string} name */
async function alone(name) {
  const one = await connected();
  await toNowhere(one, name);
  return () => one.end();
}

/** @param {number} index */
function downSmall(index) {
  return toNowhere(client, inSmall(index));
}

/** @param {number} index */
function upSmall(index) {
  return client.put(inRoot(inSmall(index)), inRoot('up', smallName(index)));
}

function stat() {
  return client.stat(inRoot(inSmall(0)));
}

/** @param {number} index */
function inSmall(index) {
  return `small/${smallName(index)}`;
}

/** The server has no root of its own. @type {(...segments: string[]) => string} */
function inRoot(...segments) {
  return path.join(root, ...segments);
}
