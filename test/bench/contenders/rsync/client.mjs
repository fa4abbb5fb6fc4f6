/** The client of rsync, a process for each transfer, whose start counts: that is how it is used. */
// @ts-check
import path from 'node:path';
import { timesInTurn } from '../../measuring/at-once.mjs';
import { ONE, SMALL } from '../../workloads/amounts.mjs';
import { run } from '../program.mjs';
import { sessionOf } from '../session.mjs';
import { serveTasks } from '../tasks.mjs';
import { told } from '../told.mjs';

const { address: port, ...places } = /** @type {import('../told.mjs').ClientArgs} */ (told);
const { root, target } = places;
const base = `rsync://127.0.0.1:${port}/files`;

const session = sessionOf({
  downloadFile: (name, localPath) => rsync(`${base}/${name}`, localPath),
  uploadFile: (localPath, name, { flush = false } = { flush: false }) =>
    rsync(...(flush ? ['--fsync'] : []), localPath, `${base}/${name}`),
  list: async (name) => {
    const lines = (await rsync('--list-only', `${base}/${name}/`)).trim().split('\n');
    return lines.filter((line) => !line.endsWith(' .')).length;
  },
});

serveTasks({
  places,
  connect: () => session,
  runs: {
    // One process for all files.
    'small-down': async () => {
      await rsync('--recursive', `${base}/${SMALL}/`, target);
    },
    'small-up': async () => {
      await rsync('--recursive', `${path.join(root, SMALL)}/`, `${base}/up/`);
    },
    fresh: async ({ connects }) => ({ times: await timesInTurn(connects, fetchOne) }),
    first: async ({ firsts }) => ({ times: await timesInTurn(firsts, fetchOne) }),
    program: async ({ programs }) => ({ times: await timesInTurn(programs, fetchOne) }),
  },
});

async function fetchOne() {
  await rsync(`${base}/${ONE}`, target);
}

/** @param {readonly string[]} args */
async function rsync(...args) {
  // Without the option, rsync skips files with the same size and time.
  return run('rsync', ['--ignore-times', ...args]);
}
