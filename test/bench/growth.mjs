/**
 * The growth bench: what one item costs while there are few of its kind, and while there are very many. The ratio is
 * what counts: it is near 1 where nothing grows with the number but the number. It is no test: nothing is too slow for it.
 */
// @ts-check
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { growConnections } from './growth/connections.mjs';
import { growDirectory, growTree } from './growth/directories.mjs';
import { Table, writeJson } from './growth/figures.mjs';
import { growQueues } from './growth/queues.mjs';
import { growChannels } from './growth/requests.mjs';
import { growDownload, growUpload } from './growth/transfers.mjs';

/**
 * Where something grows.
 * @typedef {object} Scene
 * @property {string} folder - for its files
 * @property {Table} table
 * @property {number} max - entries, connections and requests at the most
 * @property {number} maxMiB - the size of a file at the most
 * @property {string | undefined} profiles - the folder for CPU profiles
 */

/** @type {Record<string, (scene: Scene) => Promise<void>>} */
const series = {
  directory: growDirectory,
  tree: growTree,
  connections: growConnections,
  download: growDownload,
  upload: growUpload,
  channels: growChannels,
  queues: growQueues,
};

const USAGE = `npm run bench:growth -- [options]

  --only <a,b>     only these: ${Object.keys(series).join(', ')}
  --max <n>        entries, connections and requests at the most (1000000)
  --size <MiB>     the size of a file at the most (102400)
  --folder <path>  where the files are made (the system's folder for such; one in memory is better)
  --profile        also writes CPU profiles
`;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(series).join(',') },
    max: { type: 'string', default: '1000000' },
    size: { type: 'string', default: '102400' },
    folder: { type: 'string', default: tmpdir() },
    profile: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (options.help) console.log(USAGE);
else await grow();

async function grow() {
  const folder = await mkdtemp(path.join(options.folder, 'socket-ftp-growth-'));
  const table = new Table();
  const profiles = options.profile ? path.join('bench-results', `profiles-${Date.now()}`) : undefined;
  try {
    for (const name of options.only.split(',')) {
      const grows = series[name];
      if (!grows) throw new TypeError(`There is no ${name}.\n\n${USAGE}`);
      await grows({ folder, table, max: Number(options.max), maxMiB: Number(options.size), profiles });
      table.print();
    }
    console.log(`\nWritten to ${await writeJson(table.all, options)}.`);
  } finally {
    await rm(folder, { recursive: true });
  }
}
