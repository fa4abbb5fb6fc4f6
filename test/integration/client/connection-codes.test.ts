/** The codes of a failed connection: never one that a server answers about a path. */
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Duplex, duplexPair } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  FileClient,
  FileServer,
  MemoryStorage,
  TransferError,
  type FileClientOptions,
} from '../../../src/index.js';
import { pathCodes } from '../../../src/session/transport/connection-error.js';
import { clientAt, scripted } from '../../support/servers/scripted.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';
import { uncaughtDuring, WELCOME } from '../../support/servers/unfriendly.js';

function clientOf(options: FileClientOptions): FileClient {
  const client = new FileClient(options);
  onTestFinished(() => client.destroy());
  return client;
}

function systemError(code: string): Error {
  return Object.assign(new Error(`open ${code}`), { code, path: '/etc/tunnel' });
}

const requests: [string, (client: FileClient, local: string) => Promise<unknown>][] = [
  ['exists', (client) => client.exists('f')],
  ['stat', (client) => client.stat('f')],
  ['list', (client) => client.readdir('f')],
  ['recursive mkdir', (client) => client.mkdir('f', { recursive: true })],
  ['download', (client) => client.readFile('f')],
  ['upload', (client) => client.writeFile('f', 'x')],
  ['downloadFile', (client, local) => client.downloadFile('f', `${local}/f`)],
  ['connect', (client) => client.connect()],
  ['ping', (client) => client.ping()],
];

describe.skipIf(process.platform === 'win32')('a connection that cannot be made', () => {
  it.each(requests)('fails with ECONNREFUSED when the Unix socket is missing: %s', async (_, ask) => {
    const local = await temporaryDirectory();
    const socketPath = path.join(local, 'no.sock');
    const asked = ask(clientOf({ socketPath }), local);
    await expect(asked).rejects.toMatchObject({
      code: 'ECONNREFUSED',
      retryable: true,
      outcomeUnknown: false,
      cause: { code: 'ENOENT' },
      message: expect.stringContaining(`${socketPath}: there is no such Unix socket`),
    });
  });

  it('fails with ECONNREFUSED when a program is missing, a file is no socket, or a directory is no directory', async () => {
    const place = await temporaryDirectory();
    await writeFile(path.join(place, 'file'), '');
    const missing = clientOf({
      connect: () =>
        new Promise<Duplex>((_resolve, reject) => spawn('no-such-program-at-all').once('error', reject)),
    });
    await expect(missing.exists('f')).rejects.toMatchObject({
      code: 'ECONNREFUSED',
      cause: { code: 'ENOENT' },
    });
    for (const name of ['file', 'file/inner']) {
      const client = clientOf({ socketPath: path.join(place, name) });
      await expect(client.exists('f')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    }
  });

  it.each([...pathCodes])('has no code of a path, whatever connect() throws: %s', async (code) => {
    for (const thrown of [
      systemError(code),
      new TransferError(code, 'No.', { path: 'f', operation: 'stat' }),
    ]) {
      const failure: unknown = await clientOf({ connect: () => Promise.reject(thrown) })
        .exists('other')
        .catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'ECONNREFUSED', retryable: true, cause: thrown });
      expect(failure).toMatchObject({ operation: 'stat', path: 'other' });
    }
  });

  it.each(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'ETIMEDOUT', 'EMFILE'])(
    'keeps a code of the network, which is retryable: %s',
    async (code) => {
      const client = clientOf({ connect: () => Promise.reject(systemError(code)) });
      await expect(client.exists('f')).rejects.toMatchObject({ code, retryable: true });
    },
  );

  it('keeps a code of the program, and does not repeat a mistake in it', async () => {
    const own = clientOf({ connect: () => Promise.reject(new TransferError('EVPN', 'No tunnel.')) });
    await expect(own.exists('f')).rejects.toMatchObject({ code: 'EVPN' });
    const mistake = clientOf({ connect: () => Promise.reject(new TypeError('host is undefined')) });
    await expect(mistake.exists('f')).rejects.toMatchObject({ code: 'EIO', retryable: false });
  });

  it('names each address of a host that refuses', async () => {
    const each = [systemError('ECONNREFUSED'), new Error('connect ECONNREFUSED ::1:9')];
    const all = Object.assign(new AggregateError(each), { code: 'ECONNREFUSED' });
    const client = clientOf({ connect: () => Promise.reject(all) });
    await expect(client.exists('f')).rejects.toMatchObject({
      code: 'ECONNREFUSED',
      reason: 'The connection failed: open ECONNREFUSED; connect ECONNREFUSED ::1:9.',
    });
  });
});

describe('a connection that is lost', () => {
  it.each([...pathCodes])('has no code of a path, whatever its Duplex reports: %s', async (code) => {
    const connect = (): Duplex =>
      new Duplex({
        read: () => undefined,
        write(_chunk, _encoding, done) {
          done();
          this.destroy(systemError(code));
        },
      });
    const client = clientOf({ connect, reconnect: false });
    await expect(client.exists('f')).rejects.toMatchObject({ code: 'ECONNRESET', cause: { code } });
  });

  it('has no code of a path when the program carries it with pipeline()', async () => {
    const client = clientOf({});
    const [near] = duplexPair();
    const carried = pipeline(near, client.endpoint(), near).catch(() => undefined);
    const asked = client.exists('f');
    near.destroy(systemError('ENOENT'));
    await expect(asked).rejects.toMatchObject({ code: 'ECONNRESET' });
    await carried;
  });

  it.each(['ENOENT', 'ENOTDIR', 'EACCES'])(
    'has no code of a path when the server ends it with %s',
    async (code) => {
      const { port } = await scripted('open ', (_connection, socket) => {
        socket.end(`${WELCOME}error code=${code} message=No.\n`);
      });
      await expect(clientAt(port).exists('f')).rejects.toMatchObject({ code: 'EIO', retryable: false });
    },
  );

  it('has no code of a path when the program destroys the client with such an error', async () => {
    const cause = new TransferError('ENOENT', undefined, { path: 'other' });
    const client = clientOf({ connect: () => duplexPair()[0] });
    const asked = client.exists('f');
    client.destroy(cause);
    await expect(asked).rejects.toMatchObject({ code: 'ESHUTDOWN', retryable: false, cause });
  });
});

describe('an error of the functions that the program gives a server', () => {
  it('is no answer about a path: a file that authorize cannot read does not make other files missing', async () => {
    const storage = new MemoryStorage();
    const { connect } = await serve({ storage, authorize: () => Promise.reject(systemError('ENOENT')) });
    await expect(connect().exists('f')).rejects.toMatchObject({ code: 'EIO' });
    const hiding = await serve({
      storage,
      authorize: () => Promise.reject(new TransferError('ENOENT')),
    });
    expect(await hiding.connect().exists('f')).toBe(false);
  });

  it('does not stop the server', async () => {
    const caught = await uncaughtDuring(async () => {
      const server = await new FileServer({
        storage: new MemoryStorage(),
        authenticate: () => Promise.reject(systemError('ENOENT')),
      }).listen(0);
      onTestFinished(() => server.destroy());
      await expect(clientOf({ port: server.port }).exists('f')).rejects.toMatchObject({ code: 'EIO' });
    });
    expect(caught).toEqual([]);
  });
});
