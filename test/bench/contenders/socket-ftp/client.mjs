/** The client of `server.mjs`: everything over one connection, as a program would write it. */
// @ts-check
import path from 'node:path';
import { FileClient } from 'socket-ftp';
import { forEachAtOnce, timesOf } from '../../measuring/at-once.mjs';
import { AT_ONCE, smallName } from '../../workloads.mjs';
import { serveTasks } from '../tasks.mjs';
import { told } from '../told.mjs';

/** @import { FileClientOptions } from 'socket-ftp' */
/** @import { ServerArgs } from '../told.mjs' */
/** @typedef {{ fast: number, durable: number, ca?: string }} Address */
/** @typedef {Pick<FileClientOptions, 'codec' | 'checksum'>} Options */

const { address, root, target, disk, codec, checksum } =
  /** @type {ServerArgs & { address: Address } & Options} */ (told);
const tls = address.ca === undefined ? undefined : { ca: address.ca };
const client = newClient(address.fast);
const durable = newClient(address.durable);

/** @type {FileClient[]} */
let idle = [];

serveTasks(
  {
    download: ({ bulk }) => toNowhere(client, bulk),
    'download-file': ({ bulk }) => toFile(bulk, target),
    'download-disk': ({ bulk }) => toFile(bulk, disk),
    upload: ({ bulk }) => up(client, bulk, bulk),
    'upload-durable': ({ bulk }) => up(durable, bulk, bulk),
    'small-down': ({ files }) => forEachAtOnce(files, AT_ONCE, downSmall),
    'small-down-1': ({ files }) => forEachAtOnce(files, 1, downSmall),
    'small-up': ({ files }) => forEachAtOnce(files, AT_ONCE, upSmall),
    'small-up-1': ({ files }) => forEachAtOnce(files, 1, upSmall),
    stat: ({ requests }) => forEachAtOnce(requests, 1, stat),
    'stat-64': ({ requests }) => forEachAtOnce(requests, AT_ONCE, stat),
    'calls-64': ({ requests }) => forEachAtOnce(requests, AT_ONCE, () => client.call('empty')),
    'ping-64': ({ requests }) => forEachAtOnce(requests, AT_ONCE, () => client.ping()),
    fresh: ({ connects }) => timesOf(connects, 1, fresh),
    'clients-100': clientsAtOnce,
    idle: ({ connections }) => forEachAtOnce(connections, AT_ONCE, connectIdly),
  },
  { letGo, close: () => Promise.all([client.close(), durable.close()]) },
);

/** @param {number} port */
function newClient(port) {
  return new FileClient({ port, codec, checksum, tls });
}

/** @param {number} index */
function downSmall(index) {
  return toNowhere(client, `small/${smallName(index)}`);
}

/** @param {number} index */
function upSmall(index) {
  return up(client, `small/${smallName(index)}`, smallName(index));
}

function stat() {
  return client.stat(`small/${smallName(0)}`);
}

/** @type {(from: FileClient, name: string) => Promise<void>} */
async function toNowhere(from, name) {
  const download = from.download(name);
  download.resume();
  await download.completed;
}

/** @type {(name: string, folder: string) => Promise<void>} */
async function toFile(name, folder) {
  await client.downloadFile(name, path.join(folder, name), { flush: false });
}

/** @type {(to: FileClient, from: string, name: string) => Promise<void>} */
async function up(to, from, name) {
  await to.uploadFile(path.join(root, from), `up/${name}`);
}

/** A small file over a connection of its own: a thousand that are left open would be another workload. */
async function fresh() {
  const one = newClient(address.fast);
  await toNowhere(one, `small/${smallName(0)}`);
  return () => one.close();
}

/** @type {import('../tasks.mjs').Run} */
async function clientsAtOnce({ clients, part }) {
  const all = Array.from({ length: clients }, () => newClient(address.fast));
  const times = await timesOf(clients, clients, (index) =>
    toNowhere(/** @type {FileClient} */ (all[index]), part),
  );
  await Promise.all(all.map((one) => one.close()));
  return times;
}

async function connectIdly() {
  const one = newClient(address.fast);
  await one.connect();
  idle.push(one);
}

async function letGo() {
  const all = idle;
  idle = [];
  await Promise.all(all.map((one) => one.close()));
}
