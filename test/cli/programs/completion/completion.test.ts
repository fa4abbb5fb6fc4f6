import { execFile } from 'node:child_process';
import { mkdir, readdir, stat, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { programFile } from '../../../support/cli/program.js';
import { Served } from '../../../support/cli/served.js';

const isWindows = process.platform === 'win32';

function completed(served: Served, ...words: string[]) {
  const given = words.map((word) => `=${word}`);
  return served.run(['completion', 'bash', '--', ...given], { env: { XDG_CACHE_HOME: served.cwd } });
}

describe('socket-ftp completion', () => {
  it.each(['bash', 'zsh', 'fish', 'powershell'])(
    'writes a script for %s, which evaluates no word',
    async (shell) => {
      await using served = await Served.start();
      const { code, text } = await served.run(['completion', shell]);
      expect(code).toBe(0);
      expect(text).toContain(`socket-ftp completion ${shell} -- `);
      expect(text).not.toMatch(/\beval\b|compgen -W|Invoke-Expression/);
    },
  );

  it('refuses a shell that is not known', async () => {
    await using served = await Served.start();
    for (const shell of ['tcsh', 'toString']) expect((await served.run(['completion', shell])).code).toBe(2);
  });

  it('completes remote paths, encoded, and keeps them in a folder of this user', async () => {
    await using served = await Served.start({
      'photos/a': '',
      'plain.txt': '',
      'p $(touch x)': '',
      'p,q': '',
    });
    const { text } = await completed(served, 'ls', served.url('p'));
    expect(text.split('\n').slice(0, -1)).toEqual([
      'words',
      served.url('p%20%24%28touch%20x%29'),
      served.url('p%2Cq'),
      served.url('photos/'),
      served.url('plain.txt'),
    ]);
    const folder = path.join(served.cwd, 'socket-ftp');
    expect(await readdir(folder)).toHaveLength(1);
    if (!isWindows) expect((await stat(folder)).mode & 0o077).toBe(0);
  });

  it('leaves the word open behind directories', async () => {
    await using served = await Served.start({ 'photos/2026/a': '' });
    expect((await completed(served, 'get', served.url('ph'))).text).toBe(`open\n${served.url('photos/')}\n`);
    const below = await completed(served, 'get', served.url('photos/'));
    expect(below.text).toBe(`open\n${served.url('photos/2026/')}\n`);
  });

  it('offers nothing, without a message, for a server that is silent, wants a password or would be started', async () => {
    await using served = await Served.start({ a: '' });
    const silent = createServer((socket) => socket.resume().on('error', () => {}));
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const address = silent.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    for (const words of [
      [`socket-ftp://127.0.0.1:${port}/a`],
      [served.url('a').replace('://', '://ann@')],
      ['--exec', 'touch started', 'socket-ftp:///a'],
      ['socket-ftp://ann:secret@127.0.0.1/a'],
    ]) {
      const { code, text, stderr } = await completed(served, 'ls', ...words);
      if (!words[0]?.includes('ann@')) expect(text).toBe('words\n');
      expect([code, stderr]).toEqual([0, '']);
    }
    silent.close();
    expect(await readdir(served.cwd)).not.toContain('started');
  });

  it.skipIf(isWindows)('completes in bash, whose words end at a colon, and runs no name', async () => {
    await using served = await Served.start({ 'dir/a': '', '$(touch pwned)': '' });
    const bin = path.join(served.cwd, 'bin');
    await mkdir(bin);
    await symlink(programFile, path.join(bin, 'socket-ftp'));
    const line = `socket-ftp ls ${served.url('')}`;
    const script = [
      'source <(socket-ftp completion bash)',
      'COMP_LINE=$1 COMP_POINT=${#1}',
      `COMP_WORDBREAKS=$' \\t\\n"\\'@><=;|&(:'`,
      '_socket_ftp',
      `printf '%s\\n' "\${COMPREPLY[@]}"`,
    ].join('\n');
    const env = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}`, XDG_CACHE_HOME: served.cwd };
    const { stdout } = await promisify(execFile)('bash', ['-c', script, 'bash', line], {
      cwd: served.cwd,
      env,
    });
    const start = served.url('').slice(served.url('').lastIndexOf(':') + 1);
    expect(stdout.split('\n')).toEqual([`${start}%24%28touch%20pwned%29`, `${start}dir/`, '']);
    expect(await readdir(served.cwd)).not.toContain('pwned');
  });
});
