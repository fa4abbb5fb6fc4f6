/** Processes that listen, and end by themselves as soon as nothing else keeps them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FileClient, type FileClientOptions } from '../../../src/index.js';
import { repositoryRoot } from '../../support/repository.js';

const PROGRAM = `
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { FileServer, MemoryStorage } from 'socket-ftp';
const pem = (name) => readFileSync('examples/support/test-only-' + name + '.pem');
const tls = { key: pem('key'), cert: pem('certificate') };
`;

/** A process with a program that has `FileServer`. Its lines are what it writes. */
function start(program: string) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM + program], {
    cwd: repositoryRoot,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return { ended: once(child, 'exit'), lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
}

function clientOf(port: unknown, options: FileClientOptions = {}): FileClient {
  const client = new FileClient({ port: Number(port), reconnect: false, ...options });
  onTestFinished(() => client.destroy());
  return client;
}

describe('server.unref()', () => {
  it('before listen() lets the process end while the server listens', async () => {
    const { ended, lines } = start(`
      const server = await new FileServer({ storage: new MemoryStorage() }).unref().listen(0);
      console.log(typeof server.port);
    `);
    expect(await lines.next()).toMatchObject({ value: 'number' });
    expect(await ended).toEqual([0, null]);
  });

  it.each([
    ['', {}],
    [', tls', { tls: { rejectUnauthorized: false } }],
  ])(
    'lets the process end while clients are connected and idle (options%s)',
    async (options, clientOptions) => {
      const { ended, lines } = start(`
      const server = new FileServer({ storage: new MemoryStorage()${options} });
      console.log((await server.listen(0)).port);
      await once(server, 'requestEnd');
      server.unref();
    `);
      const client = clientOf((await lines.next()).value, clientOptions);
      expect(await client.exists('a')).toBe(false);
      expect(await ended).toEqual([0, null]);
    },
  );

  it('lets the process end while a client has an idle UDP path', async () => {
    const { ended, lines } = start(`
      const server = new FileServer({ storage: new MemoryStorage(), udp: true });
      console.log((await server.listen(0)).port);
      await once(server, 'requestEnd');
      server.unref();
    `);
    const client = clientOf((await lines.next()).value, { transport: 'udp' });
    await client.writeFile('a', Buffer.alloc(2_000_000));
    expect(await ended).toEqual([0, null]);
    expect(client.stats()).toMatchObject({ fallbacks: 0 });
    expect(client.stats().udpBytesSent).toBeGreaterThanOrEqual(2_000_000);
  });

  it('applies to connections that are accepted later, also before their handshake', async () => {
    const { ended, lines } = start(`
      const timeouts = { handshakeMs: 600_000 };
      const server = await new FileServer({ storage: new MemoryStorage(), timeouts }).listen(0);
      const alive = setInterval(() => undefined, 1000);
      server.unref().once('connection', () => clearInterval(alive));
      console.log(server.port);
    `);
    const socket = connect(Number((await lines.next()).value), '127.0.0.1');
    socket.on('error', () => undefined);
    onTestFinished(() => void socket.destroy());
    expect(await ended).toEqual([0, null]);
  });

  it('is undone by ref()', async () => {
    const { ended, lines } = start(`
      const server = await new FileServer({ storage: new MemoryStorage() }).unref().listen(0);
      server.ref();
      console.log(server.port);
      await once(server, 'requestEnd');
      server.unref().ref();
      console.log('waits');
      await once(server, 'requestEnd');
      await server.close();
    `);
    const client = clientOf((await lines.next()).value);
    await client.exists('a');
    expect(await lines.next()).toMatchObject({ value: 'waits' });
    await client.exists('b');
    expect(await ended).toEqual([0, null]);
  });
});
