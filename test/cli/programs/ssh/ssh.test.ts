import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { programFile, runProgram } from '../../../support/cli/program.js';
import { newFolder, writeFiles } from '../../../support/cli/served.js';
import { missingSsh, SshServer } from '../../../support/cli/ssh-server.js';

const missing = missingSsh();

describe.skipIf(missing !== undefined)(
  `--exec with ssh${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    let folder: string;
    let serve: string;
    beforeEach(async () => {
      folder = await newFolder();
      await writeFiles(folder, { 'root/a.txt': 'hello', 'root/sub/b.txt': 'world', 'work/c.txt': 'mine' });
      serve = `${process.execPath} ${programFile} serve ${path.join(folder, 'root')} --stdio`;
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));

    const run = (...args: string[]) => runProgram(args, { cwd: path.join(folder, 'work') });

    it('downloads a directory, and uploads with --writable, without a port of its own', async () => {
      await using ssh = await SshServer.start();
      const exec = `${ssh.command()} ${serve}`;
      const got = await run('get', '-e', exec, 'socket-ftp:///', 'got');
      expect(got).toMatchObject({ code: 0, stderr: expect.stringMatching(/^2 files/) as unknown });
      expect(await readFile(path.join(folder, 'work/got/sub/b.txt'), 'utf8')).toBe('world');
      expect((await run('put', '-e', exec, 'c.txt', 'socket-ftp:///c.txt')).code).toBe(4);
      expect((await run('put', '-e', `${exec} --writable`, 'c.txt', 'socket-ftp:///c.txt')).code).toBe(0);
      expect(await readFile(path.join(folder, 'root/c.txt'), 'utf8')).toBe('mine');
    });

    it('gets the server of the line in authorized_keys, whatever it asks for', async () => {
      await using ssh = await SshServer.start(`restrict,command="${serve}"`);
      const removing = `${ssh.command()} rm -r ${folder}/root`;
      const listed = await run('ls', '-e', ssh.command(), 'socket-ftp:///');
      expect(listed.stdout.split('\n').sort()).toEqual(['', 'a.txt', 'sub/']);
      expect(await run('cat', '-e', removing, 'socket-ftp:///a.txt')).toMatchObject({
        code: 0,
        stdout: 'hello',
      });
      expect((await run('rm', '-e', ssh.command(), 'socket-ftp:///a.txt')).code).toBe(4);
    });

    it('fails with exit code 3 and the words of ssh for a key that the host does not know; doctor recognises its port', async () => {
      await using ssh = await SshServer.start();
      const { code, stderr } = await run('ls', '-e', `${ssh.command('stranger')} ${serve}`, 'socket-ftp:///');
      expect(code).toBe(3);
      expect(stderr).toContain('Permission denied');
      expect(stderr).toContain('exit code 255');
      const { stdout } = await run('doctor', '--json', `socket-ftp://127.0.0.1:${ssh.port}`);
      expect(stdout).toContain('This is a server of SSH');
    });
  },
);
