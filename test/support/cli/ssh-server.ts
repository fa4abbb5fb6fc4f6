/** A real sshd, started for each connection to a port of the test, with keys and configuration of its own. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { userInfo } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { newFolder, writeFiles } from './served.js';

const SSHD = '/usr/sbin/sshd';

/** A directory without files that sshd needs if the superuser starts it; the system makes it when the service starts. */
const SUPERUSER_FOLDER = '/run/sshd';

/** Why there is no SSH on this machine; undefined if there is. */
export function missingSsh(): string | undefined {
  if (!existsSync(SSHD)) return `${SSHD} is not installed`;
  return spawnSync('ssh', ['-V']).error ? 'ssh is not installed' : undefined;
}

export class SshServer {
  readonly folder: string;
  readonly port: number;
  readonly #server: Server;
  readonly #madeFolder: boolean;

  private constructor(folder: string, server: Server, madeFolder: boolean) {
    this.folder = folder;
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
    this.#madeFolder = madeFolder;
  }

  /** @param line - the line of the key in `authorized_keys`, without the key itself, such as `restrict,command="..."` */
  static async start(line = ''): Promise<SshServer> {
    const folder = await newFolder();
    const at = (name: string): string => path.join(folder, name);
    for (const name of ['host', 'user', 'stranger'])
      await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', at(name)]);
    const { stdout: key } = await promisify(execFile)('ssh-keygen', ['-y', '-f', at('user')]);
    const { stdout: hostKey } = await promisify(execFile)('ssh-keygen', ['-y', '-f', at('host')]);
    await writeFiles(folder, { keys: `${line} ${key}`.trimStart(), sshd: sshdConfig(folder) });
    const server = createServer({ pauseOnConnect: true }, (socket) => {
      // As inetd does it: the socket is the input and output.
      const sshd = spawn(SSHD, ['-i', '-e', '-f', at('sshd')], { stdio: [socket, socket, 'ignore'] });
      sshd.once('spawn', () => socket.destroy());
    });
    const madeFolder = await superuserFolder();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    await writeFile(at('known'), `[127.0.0.1]:${port} ${hostKey}`);
    await writeFile(at('ssh'), sshConfig(folder, port));
    return new SshServer(folder, server, madeFolder);
  }

  /** The command of a client, without what it runs on the server. */
  command(key: 'user' | 'stranger' = 'user'): string {
    return `ssh -F ${path.join(this.folder, 'ssh')} -i ${path.join(this.folder, key)} server`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await once(this.#server.close(), 'close');
    if (this.#madeFolder) await rmdir(SUPERUSER_FOLDER);
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function superuserFolder(): Promise<boolean> {
  if (process.getuid?.() !== 0 || existsSync(SUPERUSER_FOLDER)) return false;
  await mkdir(SUPERUSER_FOLDER);
  await chmod(SUPERUSER_FOLDER, 0o755);
  return true;
}

function sshdConfig(folder: string): string {
  return [
    `HostKey ${folder}/host`,
    `AuthorizedKeysFile ${folder}/keys`,
    'AuthenticationMethods publickey',
    'PermitRootLogin yes',
    // The folder is below one that everybody may write to.
    'StrictModes no',
    'UsePAM no',
    'PidFile none',
    '',
  ].join('\n');
}

function sshConfig(folder: string, port: number): string {
  return [
    'Host server',
    '  HostName 127.0.0.1',
    `  Port ${port}`,
    `  User ${userInfo().username}`,
    `  UserKnownHostsFile ${folder}/known`,
    '  StrictHostKeyChecking yes',
    '  IdentitiesOnly yes',
    '  BatchMode yes',
    '  LogLevel ERROR',
    '',
  ].join('\n');
}
