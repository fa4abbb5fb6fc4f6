/** The daemon of rsync, which serves the folder for reading and writing. */
// @ts-check
import { writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import path from 'node:path';
import { freePort, startServer } from '../program.mjs';
import { serving } from '../serving.mjs';
import { told } from '../told.mjs';

const { root, scratch } = /** @type {import('../told.mjs').ServerArgs} */ (told);
const port = await freePort();
const { uid, gid } = userInfo();
const file = path.join(scratch, `rsyncd-${port}.conf`);

await writeFile(
  file,
  `
use chroot = no
log file = /dev/null
[files]
  path = ${root}
  read only = no
  ${uid === 0 ? `uid = ${uid}\n  gid = ${gid}` : ''}
`,
);

const where = ['--address=127.0.0.1', `--port=${port}`, `--config=${file}`];
serving(port, await startServer('rsync', ['--daemon', '--no-detach', ...where], port));
