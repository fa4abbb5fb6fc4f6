import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstat, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FileClient, FileServer, MemoryStorage } from '../../../src/index.js';
import { temporaryDirectory } from '../../support/servers/serve.js';

/** The path of a Unix socket whose process was killed. */
async function staleSocket(): Promise<string> {
  const place = path.join(await temporaryDirectory(), 's');
  const script = `require('net').createServer().listen(${JSON.stringify(place)}, () => console.log('listening'))`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect((await lstat(place)).isSocket()).toBe(true);
  return place;
}

function newServer(): FileServer {
  const server = new FileServer({ storage: new MemoryStorage() });
  onTestFinished(() => server.destroy());
  return server;
}

async function isServed(socketPath: string): Promise<boolean> {
  const client = new FileClient({ socketPath });
  onTestFinished(() => client.destroy());
  return client.exists('/');
}

describe.skipIf(process.platform === 'win32')('listen() on a Unix socket', () => {
  it('replaces one on which no process listens', async () => {
    const place = await staleSocket();
    const server = await newServer().listen(place);
    expect(server.address()).toBe(place);
    expect(await isServed(place)).toBe(true);
  });

  it('leaves the one of a running server, which continues', async () => {
    const place = path.join(await temporaryDirectory(), 's');
    await newServer().listen({ path: place });
    await expect(newServer().listen(place)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(await isServed(place)).toBe(true);
  });

  it('never removes what is not a socket, nor a link to a socket', async () => {
    const stale = await staleSocket();
    const file = `${stale}-file`;
    await writeFile(file, 'precious');
    await symlink(stale, `${stale}-link`);
    for (const place of [file, `${stale}-link`, path.dirname(stale)]) {
      await expect(newServer().listen(place)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    }
    expect(await readFile(file, 'utf8')).toBe('precious');
    expect((await lstat(`${stale}-link`)).isSymbolicLink()).toBe(true);
  });
});
