/** The client of `server.mjs`: one agent that keeps its connections, and as many of them as there are requests at once. */
// @ts-check
import { createWriteStream } from 'node:fs';
import { Agent } from 'node:http';
import path from 'node:path';
import { forEachAtOnce, timesOf } from '../../measuring/at-once.mjs';
import { AT_ONCE, smallName } from '../../workloads.mjs';
import { serveTasks } from '../tasks.mjs';
import { told } from '../told.mjs';
import { IdleConnections } from './idle.mjs';
import { ask, download, upload } from './requests.mjs';

const { address: port, root, target, disk } = /** @type {import('../told.mjs').ClientArgs} */ (told);
const through = { port, agent: new Agent({ keepAlive: true }) };
const idle = new IdleConnections(port);

serveTasks(
  {
    download: ({ bulk }) => ask(through, 'GET', bulk),
    'download-file': ({ bulk }) => toFile(bulk, target),
    'download-disk': ({ bulk }) => toFile(bulk, disk),
    upload: ({ bulk }) => upload(through, path.join(root, bulk), `up/${bulk}`),
    'small-down': ({ files }) => forEachAtOnce(files, AT_ONCE, downSmall),
    'small-down-1': ({ files }) => forEachAtOnce(files, 1, downSmall),
    'small-up': ({ files }) => forEachAtOnce(files, AT_ONCE, upSmall),
    'small-up-1': ({ files }) => forEachAtOnce(files, 1, upSmall),
    stat: ({ requests }) => forEachAtOnce(requests, 1, stat),
    'stat-64': ({ requests }) => forEachAtOnce(requests, AT_ONCE, stat),
    fresh: ({ connects }) => timesOf(connects, 1, fresh),
    'clients-100': ({ clients, part }) => timesOf(clients, clients, () => ask(through, 'GET', part)),
    idle: ({ connections }) => idle.open(connections),
  },
  { letGo: () => idle.close(), close: async () => through.agent.destroy() },
);

/** @type {(name: string, folder: string) => Promise<void>} */
function toFile(name, folder) {
  return download(through, name, createWriteStream(path.join(folder, name)));
}

/** @param {number} index */
function downSmall(index) {
  return ask(through, 'GET', `small/${smallName(index)}`);
}

/** @param {number} index */
function upSmall(index) {
  return upload(through, path.join(root, 'small', smallName(index)), `up/${smallName(index)}`);
}

function stat() {
  return ask(through, 'HEAD', `small/${smallName(0)}`);
}

function fresh() {
  return ask({ port, agent: new Agent() }, 'GET', `small/${smallName(0)}`);
}
