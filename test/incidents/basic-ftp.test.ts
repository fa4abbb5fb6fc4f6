/**
 * basic-ftp 2026: a server's listing wrote outside the client's folder, its endless replies and listings took all memory.
 * Names in listings are in `test/integration/hostile/lying-server.test.ts`.
 */
import { mkdir, readdir } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FileClient } from '../../src/index.js';
import { temporaryDirectory } from '../support/servers/serve.js';
import { clientOf, WELCOME } from '../support/servers/unfriendly.js';

const lies = ['../x', '/etc/passwd', 'a\\b', 'NUL.txt', 'other', 'x/y', ''];

describe.each(lies)('basic-ftp 2026: a server that answers about %j', (lie) => {
  const said = lie === '' ? '' : `path=${lie.replaceAll('%', '%25')} `;

  it.each([
    ['stat', `result id=1 ${said}kind=file size=1 mtime=1\n`],
    ['copy', `result id=1 ${said}kind=file size=1 mtime=1\n`],
    [
      'downloadFile',
      `accept id=1 ${said}kind=file offset=0 size=1 mtime=1\ndata id=1 length=1\nx\nresult id=1 bytes=1\n`,
    ],
    ['upload', `accept id=1 ${said}window=65536\n`],
    ['list', `accept id=1 ${said}kind=directory\nresult id=1 bytes=0\n`],
  ])('is rejected by %s, and nothing is written', async (call, answer) => {
    const place = await temporaryDirectory();
    await mkdir(path.join(place, 'folder'));
    const client = await clientOf(answer);
    const calls: Record<string, () => Promise<unknown>> = {
      stat: () => client.stat('x'),
      copy: () => client.copy('y', 'x'),
      downloadFile: () => client.downloadFile('x', path.join(place, 'folder', 'x')),
      upload: () => client.writeFile('x', 'full'),
      list: async () => {
        for await (const entry of client.list('x')) expect(entry).toBeUndefined();
      },
    };
    await expect(calls[call]?.()).rejects.toMatchObject({ code: 'EPROTO' });
    expect(await readdir(place, { recursive: true })).toEqual(['folder']);
  });
});

describe('basic-ftp 2026: an endless answer of a server', () => {
  it('in a header closes the connection before it fills the memory', async () => {
    const { client, socket } = await endless('welcome version=1 agent=', 'x'.repeat(65_536));
    await expect(client.stat('x')).rejects.toMatchObject({ name: 'TransferError' });
    expect((await socket).bytesWritten).toBeLessThan(8 * 1024 * 1024);
  });

  it('in a listing is requested only as fast as its reader consumes it', async () => {
    const entries = 'entry path=some-name kind=file size=1 mtime=1\n'.repeat(1_000);
    const frame = `data id=1 length=${entries.length}\n${entries}\n`;
    const { client, socket } = await endless(`${WELCOME}accept id=1 kind=directory\n`, frame);
    const listing = client.list();
    expect(await listing.next()).toMatchObject({ value: { path: 'some-name' } });
    // The client continues until its window is full, whatever was granted, which ends the connection.
    await expect(takeSlowly(listing)).rejects.toMatchObject({ code: 'EFLOOD' });
    expect((await socket).bytesWritten).toBeLessThan(16 * 1024 * 1024);
  });
});

/** Takes nothing until the server has sent more than it may. */
async function takeSlowly(listing: AsyncIterator<unknown>): Promise<void> {
  for (;;) {
    const { done } = await listing.next();
    if (done === true) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A client of a server that sends a prelude, and then the same bytes endlessly. */
async function endless(
  first: string,
  then: string,
): Promise<{ client: FileClient; socket: Promise<Socket> }> {
  const server = createServer();
  const connected = once(server, 'connection').then(([socket]: Socket[]) => {
    if (!socket) throw new Error('Nobody has connected.');
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(first);
      const more = (): void => {
        while (!socket.destroyed && socket.write(then));
      };
      socket.on('drain', more);
      more();
    });
    return socket;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new FileClient({
    checksum: 'none',
    port: (server.address() as AddressInfo).port,
    codec: 'text',
    reconnect: false,
  });
  onTestFinished(() => {
    client.destroy();
    server.close();
  });
  return { client, socket: connected };
}
