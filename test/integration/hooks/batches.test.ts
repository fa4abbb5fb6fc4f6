/** Hooks and events of files that are transferred in batches: each is told as a request of its own. */
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { contextOf } from '../../../src/client/base-client.js';
import { downloadBatch } from '../../../src/client/batches/download-batch.js';
import { uploadBatch } from '../../../src/client/batches/upload-batch.js';
import { FileClient, TransferError, type HookOutcome, type RequestSummary } from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import { codecNames } from '../../support/frames/frame-wire.js';
import { Cuts } from '../../support/servers/cuts.js';
import { quick } from '../../support/servers/scripted.js';
import { serve, storageOf } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';

async function upload(client: FileClient, files: Record<string, string>): Promise<Record<string, unknown>> {
  const list = Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(text) }));
  const outcomes = await uploadBatch(contextOf(client), list);
  return Object.fromEntries(outcomes.map(({ file, error }) => [file.path, error?.code ?? 'stored']));
}

describe.each(codecNames)('hooks of files in a batch (%s)', (codec) => {
  it('let beforeCommit read each upload before it is visible, and reject it alone', async () => {
    const seen: Record<string, unknown> = {};
    const { connect } = await serve({
      storage: await storageOf({ good: 'old' }),
      authenticate: () => ({ name: 'ann' }),
      beforeCommit: async ({ path, size, checksum, append, operation, identity, read }) => {
        const text = (await buffer(read())).toString();
        const visible = (await connect().exists(path)) ? await connect().readFile(path, 'utf8') : undefined;
        seen[path] = { text, size, checksum, append, operation, user: identity?.name, visible };
        if (text.includes('virus')) throw new TransferError('EVIRUS');
      },
    });
    const client = connect({ codec });
    expect(await upload(client, { bad: 'a virus', good: 'fine', empty: '' })).toEqual({
      ...{ bad: 'EVIRUS', good: 'stored', empty: 'stored' },
    });
    const common = { append: false, operation: 'upload', user: 'ann' };
    expect(seen).toEqual({
      bad: { text: 'a virus', size: 7, checksum: 'crc32:4b8c21f4', visible: undefined, ...common },
      good: { text: 'fine', size: 4, checksum: 'crc32:bea95492', visible: 'old', ...common },
      empty: { text: '', size: 0, checksum: 'crc32:00000000', visible: undefined, ...common },
    });
    expect(await client.exists('bad')).toBe(false);
    expect(await client.readFile('good', 'utf8')).toBe('fine');
  });

  it('let before refuse each request alone', async () => {
    const { connect } = await serve({
      storage: await storageOf({ secret: 's', open: 'o' }),
      before: ({ operation, path, size = 0 }) => {
        if (path === 'secret') throw new TransferError('EACCES');
        if (operation === 'upload' && size > 3) throw new TransferError('EFBIG');
      },
    });
    const client = connect({ codec });
    const stored = await upload(client, { secret: 'x', long: 'long', short: 'abc' });
    expect(stored).toEqual({ secret: 'EACCES', long: 'EFBIG', short: 'stored' });
    const outcomes = await downloadBatch(contextOf(client), [{ path: 'secret' }, { path: 'open' }]);
    expect(outcomes.map(({ error }) => error?.code)).toEqual(['EACCES', undefined]);
    expect(await client.exists('long')).toBe(false);
  });
});

describe('the log of a server', () => {
  it('has each file of a batch, with its outcome, in after and in the events', async () => {
    const told: HookOutcome[] = [];
    const ended: RequestSummary[] = [];
    const started: unknown[] = [];
    const { server, connect } = await serve({
      storage: await storageOf(),
      authorize: (_identity, permission, path) => permission !== 'write' || path !== 'private',
      after: (outcome) => void told.push(outcome),
    });
    server.on('requestStart', ({ requestId }) => started.push(requestId));
    server.on('requestEnd', (summary) => ended.push(summary));
    await upload(connect(), { a: 'A', private: 'pp', 'no/parent': 'x' });
    await until(() => told.length === 4 && ended.length === 4);
    const lines = [
      ['upload', 'a', 1, undefined],
      ['upload', 'private', 2, 'EACCES'],
      ['upload', 'no/parent', 1, 'ENOENT'],
    ];
    for (const list of [told, ended]) {
      const files = list.filter(({ operation }) => operation === 'upload');
      const found = files.map(({ operation, path, bytes, error }) => [operation, path, bytes, error?.code]);
      expect(found).toEqual(expect.arrayContaining(lines));
      expect(new Set(list.map(({ requestId }) => requestId))).toEqual(new Set(started));
    }
    expect(new Set(started).size).toBe(4);
  });
});

describe('a batch whose connection is cut while hooks work', () => {
  it('stores each file once, and none that the hook has not accepted', async () => {
    const accepted = new Map<string, number>();
    let isCut = false;
    const cut: (() => void)[] = [];
    const { port } = await serve({
      storage: await storageOf(),
      beforeCommit: ({ path, signal }) => {
        if (isCut || path !== 'f20') return void accepted.set(path, (accepted.get(path) ?? 0) + 1);
        isCut = true;
        for (const each of cut) each();
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('cut'))));
      },
    });
    const cuts = new Cuts(port);
    const client = new FileClient({ connect: cuts.each(Infinity, 'bytesWritten'), reconnect: quick });
    cut.push(() => cuts.sockets[0]?.destroy());
    const files = Array.from({ length: 60 }, (_, index) => ({
      path: `f${index}`,
      bytes: bytesOf(50, index),
    }));
    const outcomes = await uploadBatch(contextOf(client), files);
    expect(outcomes.map(({ error }) => error?.code)).toEqual(files.map(() => undefined));
    expect(accepted.size).toBe(60);
    expect(accepted.get('f20')).toBe(1);
    expect(accepted.get('f0')).toBe(1);
    await client.close();
  });
});
