/** vsftpd with anonymous access that may write; without the sandboxes that require root. */
// @ts-check
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort, startServer } from '../program.mjs';
import { serving } from '../serving.mjs';
import { told } from '../told.mjs';

const { root, scratch } = /** @type {import('../told.mjs').ServerArgs} */ (told);
const port = await freePort();
const folder = path.join(scratch, `vsftpd-${port}`);
const empty = path.join(folder, 'empty');
await mkdir(empty, { recursive: true });

const settings = {
  listen: 'YES',
  listen_address: '127.0.0.1',
  listen_port: port,
  background: 'NO',
  run_as_launching_user: 'YES',
  secure_chroot_dir: empty,
  anonymous_enable: 'YES',
  no_anon_password: 'YES',
  anon_root: root,
  anon_world_readable_only: 'NO',
  anon_upload_enable: 'YES',
  anon_other_write_enable: 'YES',
  write_enable: 'YES',
  seccomp_sandbox: 'NO',
  xferlog_enable: 'NO',
  max_per_ip: 0,
  max_clients: 0,
};
const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
const file = path.join(folder, 'vsftpd.conf');
await writeFile(file, lines.join(''));

serving(port, await startServer('vsftpd', [file], port));
