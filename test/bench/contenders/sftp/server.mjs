/** sshd of OpenSSH for the user that runs the bench, with its own keys. */
// @ts-check
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import path from 'node:path';
import { freePort, run, startServer } from '../program.mjs';
import { serving } from '../serving.mjs';
import { told } from '../told.mjs';

const { scratch } = /** @type {import('../told.mjs').ServerArgs} */ (told);
const port = await freePort();
const folder = path.join(scratch, `sshd-${port}`);
await mkdir(folder);
const key = (/** @type {string} */ name) => path.join(folder, name);
for (const name of ['host', 'user'])
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key(name)]);
// As root it wants this folder to be there, whatever its settings say.
if (userInfo().uid === 0) await mkdir('/run/sshd', { recursive: true });

await writeFile(
  key('sshd_config'),
  `
ListenAddress 127.0.0.1:${port}
HostKey ${key('host')}
AuthorizedKeysFile ${key('user')}.pub
PidFile ${key('pid')}
StrictModes no
PermitRootLogin yes
UsePAM no
MaxStartups 1000
MaxSessions 1000
LogLevel FATAL
Subsystem sftp internal-sftp
`,
);

const stop = await startServer('sshd', ['-D', '-e', '-f', key('sshd_config')], port);
serving({ port, privateKey: await readFile(key('user'), 'utf8') }, stop);
