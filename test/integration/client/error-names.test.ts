/** The names of errors after an abort and after a time limit, for every kind of call. */
import { createServer, type AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { FileClient, TransferError, type CallOptions } from '../../../src/index.js';
import { temporaryDirectory } from '../../support/servers/serve.js';
import fs from 'node:fs/promises';

/** A client whose server accepts connections and never answers. */
async function unanswered(): Promise<FileClient> {
  const server = createServer((socket) => void socket.on('error', () => undefined).resume());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new FileClient({ port: (server.address() as AddressInfo).port });
  onTestFinished(() => {
    client.destroy();
    server.close();
  });
  return client;
}

const never = (): Writable => new Writable({ write: () => undefined });

let local: string;

beforeEach(async () => {
  local = path.join(await temporaryDirectory(), 'local');
  await fs.writeFile(local, 'x');
});

const calls: Record<string, (client: FileClient, options: CallOptions) => Promise<unknown>> = {
  connect: (client, options) => client.connect(options),
  ping: (client, options) => client.ping(options),
  stat: (client, options) => client.stat('x', options),
  remove: (client, options) => client.remove('x', options),
  'list().next()': (client, options) => client.list('/', options)[Symbol.asyncIterator]().next(),
  readdir: (client, options) => client.readdir('/', options),
  readFile: (client, options) => client.readFile('x', options),
  writeFile: (client, options) => client.writeFile('x', 'y', options),
  'writeFile of a Blob': (client, options) => client.writeFile('x', new Blob(['y']), options),
  'download, piped': (client, options) => pipeline(client.download('x', options), never()),
  'download, its entry': (client, options) =>
    client.download('x', options).on('error', () => undefined).entry,
  'upload, piped': (client, options) => pipeline(['y'], client.upload('x', options)),
  'upload, completed': (client, options) =>
    client.upload('x', options).on('error', () => undefined).completed,
  downloadFile: (client, options) => client.downloadFile('x', `${local}-target`, options),
  uploadFile: (client, options) => client.uploadFile(local, 'x', options),
};

describe.each(Object.entries(calls))('%s', (_name, call) => {
  it('rejects with an AbortError whose cause is the reason of the signal', async () => {
    const client = await unanswered();
    const controller = new AbortController();
    const outcome = call(client, { signal: controller.signal }).catch((error: unknown) => error);
    const reason = new Error('The window was closed.');
    controller.abort(reason);
    const error = await outcome;
    expect(error).toBeInstanceOf(TransferError);
    expect(error).toMatchObject({ name: 'AbortError', code: 'ECANCELED' });
    expect((error as TransferError).cause).toBe(reason);
  });

  it('rejects with an AbortError if the signal is aborted already', async () => {
    const error = await call(await unanswered(), { signal: AbortSignal.abort('now') }).catch(
      (e: unknown) => e,
    );
    expect(error).toMatchObject({ name: 'AbortError', code: 'ECANCELED', cause: 'now' });
  });

  it('rejects with a TimeoutError after timeoutMs', async () => {
    const error = await call(await unanswered(), { timeoutMs: 1 }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TransferError);
    expect(error).toMatchObject({ name: 'TimeoutError', code: 'ETIMEDOUT' });
  });

  it('rejects with a TimeoutError after the time of AbortSignal.timeout()', async () => {
    const error = await call(await unanswered(), { signal: AbortSignal.timeout(1) }).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: 'TimeoutError', code: 'ETIMEDOUT' });
  });
});

describe('a time limit of the client', () => {
  it.each([{ connectMs: 1 }, { responseMs: 1 }])('%j rejects with a TimeoutError', async (timeouts) => {
    const server = createServer((socket) => void socket.on('error', () => undefined).resume());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const client = new FileClient({ port, timeouts, reconnect: false });
    onTestFinished(() => {
      client.destroy();
      server.close();
    });
    await expect(client.stat('x')).rejects.toMatchObject({ name: 'TimeoutError', code: 'ETIMEDOUT' });
  });
});

describe('any other error', () => {
  it('keeps the name TransferError', async () => {
    const client = new FileClient({ port: 1, reconnect: false });
    onTestFinished(() => client.destroy());
    await expect(client.stat('x')).rejects.toMatchObject({ name: 'TransferError', code: 'ECONNREFUSED' });
    expect(String(new TransferError('ENOENT'))).toMatch(/^TransferError: ENOENT: /);
    expect(String(new TransferError('ECANCELED'))).toMatch(/^AbortError: ECANCELED: /);
  });
});
