/** The client of rsync, a process for each transfer, whose start counts: that is how it is used. */
// @ts-check
import path from 'node:path';
import { timesOf } from '../../measuring/at-once.mjs';
import { smallName } from '../../workloads.mjs';
import { run } from '../program.mjs';
import { serveTasks } from '../tasks.mjs';
import { told } from '../told.mjs';

const { address: port, root, target, disk } = /** @type {import('../told.mjs').ClientArgs} */ (told);
const base = `rsync://127.0.0.1:${port}/files`;

serveTasks({
  'download-file': ({ bulk }) => rsync(`${base}/${bulk}`, target),
  'download-disk': ({ bulk }) => rsync(`${base}/${bulk}`, disk),
  upload: ({ bulk }) => rsync(path.join(root, bulk), `${base}/up/`),
  'upload-durable': ({ bulk }) => rsync('--fsync', path.join(root, bulk), `${base}/up/`),
  // rsync cannot discard its output, so it is written.
  'small-down': () => rsync('--recursive', `${base}/small/`, target),
  'small-up': () => rsync('--recursive', `${path.join(root, 'small')}/`, `${base}/up/`),
  fresh: ({ connects }) => timesOf(connects, 1, () => rsync(`${base}/small/${smallName(0)}`, target)),
});

/** @param {readonly string[]} args */
async function rsync(...args) {
  // Without the option, rsync skips files with the same size and time.
  await run('rsync', ['--ignore-times', ...args]);
}
