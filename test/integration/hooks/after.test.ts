/** The hook `after`, which learns of each request that has ended. */
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { TransferError, type HookOutcome } from '../../../src/index.js';
import { serve, storageOf } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';

describe('after', () => {
  it('learns of requests that have succeeded, and of those that have failed', async () => {
    const outcomes: HookOutcome[] = [];
    const { connect } = await serve({
      storage: await storageOf({ file: 'hello' }),
      authenticate: () => ({ name: 'ann' }),
      before: ({ operation }) => {
        if (operation === 'remove') throw new TransferError('EACCES');
      },
      after: (outcome) => void outcomes.push(outcome),
    });
    const client = connect();
    await client.readFile('file');
    await expect(client.remove('file')).rejects.toMatchObject({ code: 'EACCES' });
    await until(() => outcomes.length === 2);
    expect(outcomes).toMatchObject([
      { operation: 'download', path: 'file', bytes: 5, error: undefined, identity: { name: 'ann' } },
      { operation: 'remove', bytes: 0, error: { code: 'EACCES' } },
    ]);
    expect(outcomes[0]?.durationMs).toBeGreaterThanOrEqual(0);
  });

  it.each<[string, () => void | Promise<void>]>([
    [
      'throws',
      () => {
        throw new Error('of the hook');
      },
    ],
    ['rejects', () => Promise.reject(new Error('of the hook'))],
  ])('does not reach the client if it %s: the server tells its program', async (_how, after) => {
    const { connect, server } = await serve({ storage: await storageOf({ file: 'hello' }), after });
    const failed = once(server, 'hookError');
    const client = connect();
    expect(await client.readFile('file', 'utf8')).toBe('hello');
    expect(await failed).toMatchObject([
      { code: 'EIO', cause: { message: 'of the hook' } },
      { operation: 'download', path: 'file' },
    ]);
    expect(await client.readFile('file', 'utf8')).toBe('hello');
  });

  it('does not delay its request, and is given up beyond its time limit', async () => {
    const { connect, server } = await serve({
      storage: await storageOf({ file: 'hello' }),
      hookTimeouts: { afterMs: 20 },
      after: () => new Promise(() => undefined),
    });
    const failed = once(server, 'hookError');
    expect(await connect().readFile('file', 'utf8')).toBe('hello');
    expect(await failed).toMatchObject([{ code: 'ETIMEDOUT' }, { operation: 'download' }]);
  });

  it('has ended when the server has closed', async () => {
    const steps: string[] = [];
    const { connect, server } = await serve({
      storage: await storageOf({ file: 'hello' }),
      after: async () => {
        for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        steps.push('after');
      },
    });
    const client = connect();
    await client.readFile('file');
    await client.close();
    await server.close();
    steps.push('closed');
    expect(steps).toEqual(['after', 'closed']);
  });
});
