/** The stack of an error leads to the call that has failed. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FileClient, TransferError } from '../../../src/index.js';
import { serveFiles, temporaryDirectory } from '../../support/servers/serve.js';
import { clientAt, closedPort } from '../../support/servers/scripted.js';
import { clientOf } from '../../support/servers/unfriendly.js';

async function errorOf(call: () => Promise<unknown>): Promise<TransferError> {
  async function callerInTheTest(): Promise<unknown> {
    return await call();
  }
  const error: unknown = await callerInTheTest().then(
    () => expect.fail('It has resolved.'),
    (thrown: unknown) => thrown,
  );
  return error as TransferError;
}

const calls: Record<string, (client: FileClient) => Promise<unknown>> = {
  stat: async (client) => await client.stat('d/a'),
  readFile: async (client) => await client.readFile('d/a'),
  'writeFile of a string': async (client) => await client.writeFile('d/a', 'a'),
  'writeFile of an iterable': async (client) => await client.writeFile('d/a', ['a']),
  readdir: async (client) => await client.readdir('d'),
  list: async (client) => {
    for await (const entry of client.list('d')) expect.fail(entry.path);
  },
  'next of list': async (client) => await client.list('d').next(),
  mkdir: async (client) => await client.mkdir('d/a'),
  remove: async (client) => await client.remove('d/a'),
  rename: async (client) => await client.rename('d/a', 'b'),
  copy: async (client) => await client.copy('d/a', 'b'),
  utimes: async (client) => await client.utimes('d/a', new Date(0)),
  checksum: async (client) => await client.checksum('d/a'),
  downloadFile: async (client) =>
    await client.downloadFile('d/a', path.join(await temporaryDirectory(), 'a')),
  uploadFile: async (client) => {
    const local = path.join(await temporaryDirectory(), 'a');
    await writeFile(local, 'a');
    return await client.uploadFile(local, 'd/a');
  },
};

describe('the stack of an error', () => {
  it.each(Object.entries(calls))('of %s has the function that awaits the call', async (_name, call) => {
    const { connect } = await serveFiles();
    const client = connect();
    const error = await errorOf(() => call(client));
    expect(error).toMatchObject({
      code: 'ENOENT',
      message: expect.stringMatching(/^ENOENT: .* \(/) as string,
    });
    expect(error.stack).toContain(error.message);
    expect(error.stack).toContain('callerInTheTest');
  });

  it.each([
    ['connect', (client: FileClient) => client.connect()],
    ['ping', (client: FileClient) => client.ping()],
    ['exists', (client: FileClient) => client.exists('a')],
  ])('of %s without a server has the function that awaits the call', async (_name, call) => {
    const client = clientAt(await closedPort(), { reconnect: false });
    const error = await errorOf(() => call(client));
    expect(error).toMatchObject({ code: 'ECONNREFUSED', cause: expect.any(Error) as Error });
    expect(error.stack).toContain('callerInTheTest');
  });

  it('is that of one call, where a lost connection ends several', async () => {
    const client = await clientOf('error code=EIO message=bye\n', 'open ', { reconnect: false });
    const first = async function theFirstCaller(): Promise<unknown> {
      return await client.stat('a');
    };
    const second = async function theSecondCaller(): Promise<unknown> {
      return await client.stat('b');
    };
    const settled = await Promise.allSettled([first(), second()]);
    const errors = settled.map((outcome) => (outcome as PromiseRejectedResult).reason as TransferError);
    expect(errors[0]?.stack).toContain('theFirstCaller');
    expect(errors[0]?.stack).not.toContain('theSecondCaller');
    expect(errors[1]?.stack).toContain('theSecondCaller');
    expect(errors[1]?.stack).not.toContain('theFirstCaller');
  });
});
