/** Methods that a server shares, over TCP, in every codec. */
import { describe, expect, it } from 'vitest';
import { once } from 'node:events';
import {
  FileServer,
  MemoryStorage,
  REMOTE_ROOT,
  TransferError,
  type CodecName,
  type RequestSummary,
  type StandardSchema,
} from '../../../src/index.js';
import { serve, storageOf } from '../../support/servers/serve.js';

const codecs: CodecName[] = ['text', 'json', 'xml', 'binary'];

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** A schema that accepts texts, and returns their length. */
const lengthOfText: StandardSchema<string, number> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      typeof value === 'string'
        ? { value: value.length }
        : { issues: [{ message: 'must be a text', path: ['a', { key: 0 }] }] },
  },
};

describe.each(codecs)('a call (%s)', (codec) => {
  it('gets the input, and resolves with the output, whatever their size', async () => {
    const { server, connect } = await serve({ storage: new MemoryStorage() });
    server.method('echo', (input) => input);
    const client = connect({ codec });
    const special = '<a b="c">&amp; \\n \u0000\u001f\u007f\u0085\ufffe\u{1f600}';
    const sizes = [0, 8_190, 8_191, 65_536, 300_000].map((length) => 'x'.repeat(length));
    for (const value of [null, false, 0, special, [special, { [special]: 1 }], ...sizes])
      expect(await client.call('echo', value)).toEqual(value);
    expect(await client.call('echo')).toBeUndefined();
    expect(await client.remote['echo']?.({ a: [1] })).toEqual({ a: [1] });
  });

  it('fails with the code, message and details of the method', async () => {
    const { server, connect } = await serve({ storage: new MemoryStorage() });
    const thrown: unknown[] = [
      new TransferError('ENOSPC', 'No more thumbnails.', { details: { left: 0 } }),
      Object.assign(new Error('No credit.'), { code: 'E_CREDIT', details: [1] }),
      Object.assign(new Error('/etc/secret'), { code: 'ENOENT', syscall: 'open' }),
      Object.assign(new Error('internal'), { code: 'E_OTHER' }),
      new Error('internal'),
      'internal',
    ];
    server.method('fail', { errors: ['E_CREDIT'] }, (index) => {
      throw thrown[Number(index)];
    });
    const client = connect({ codec });
    const expected = [
      { code: 'ENOSPC', reason: 'No more thumbnails.', details: { left: 0 } },
      { code: 'E_CREDIT', reason: 'No credit.', details: [1] },
      { code: 'ENOENT', reason: 'No such file or directory.', details: undefined },
      ...Array.from({ length: 3 }, () => ({ code: 'EIO', reason: 'The method failed.', details: undefined })),
    ];
    for (const [index, error] of expected.entries()) {
      const ended = once(server, 'requestEnd') as Promise<[RequestSummary]>;
      await expect(client.call('fail', index)).rejects.toMatchObject({
        ...error,
        operation: 'call',
        retryable: false,
        outcomeUnknown: false,
      });
      const [{ method, error: reported }] = await ended;
      expect(method).toBe('fail');
      expect(reported?.cause).toBe(thrown[index]);
    }
  });

  it('of a method with schemas gets what the input schema returns, or the issues', async () => {
    const { server, connect } = await serve({ storage: new MemoryStorage() });
    server.method('length', { input: lengthOfText }, (input) => input);
    server.method('wrong', { output: lengthOfText }, () => 1);
    const client = connect({ codec });
    expect(await client.call('length', 'four')).toBe(4);
    await expect(client.call('length', 4)).rejects.toMatchObject({
      code: 'EINVAL',
      details: { issues: [{ message: 'must be a text', path: ['a', 0] }] },
    });
    await expect(client.call('wrong')).rejects.toMatchObject({ code: 'EIO', details: undefined });
  });

  it('is refused if there is no such method, or its values are too long or no JSON', async () => {
    const { server, connect } = await serve({
      storage: new MemoryStorage(),
      limits: { maxValueBytes: 10_000 },
    });
    server.method('long', (length) => 'x'.repeat(Number(length)));
    server.method('date', () => new Date());
    server.method('echo', (input) => input);
    const client = connect({ codec });
    const wary = connect({ codec, limits: { maxValueBytes: 9_000 } });
    await expect(client.call('none')).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(client.call('date')).rejects.toMatchObject({ code: 'EIO' });
    await expect(client.call('long', 9_999)).rejects.toMatchObject({ code: 'EMSGSIZE' });
    await expect(client.call('echo', 'x'.repeat(9_999))).rejects.toMatchObject({ code: 'EMSGSIZE' });
    await expect(wary.call('long', 9_500)).rejects.toMatchObject({ code: 'EMSGSIZE' });
    await expect(wary.call('echo', 'x'.repeat(9_500))).rejects.toMatchObject({ code: 'EMSGSIZE' });
    await expect(client.call('echo', { a: [1n] })).rejects.toThrow(new TypeError('input.a[0] is a bigint.'));
    // Nothing of it has harmed the connections.
    expect(await client.call('long', 9_998)).toHaveLength(9_998);
    expect(await wary.call('echo', 'x')).toBe('x');
  });

  it('can be listed, if the login may use it', async () => {
    const { server, connect } = await serve({
      storage: new MemoryStorage(),
      authenticate: ({ user }) =>
        user === 'ann'
          ? { name: 'ann', permissions: ['call'], methods: ['b', 'none'] }
          : { name: 'bob', permissions: ['read'] },
    });
    server.method('a', () => 'a').method('b', { idempotent: true }, () => 'b');
    server.method('c', { permission: 'read' }, () => 'c');
    const ann = connect({ codec, user: 'ann', password: 'x' });
    const bob = connect({ codec, user: 'bob', password: 'x' });
    const listed = async (client: typeof ann): Promise<unknown[]> => all(client.methods());
    expect(await listed(ann)).toEqual([{ name: 'b', kind: 'call', permission: 'call', idempotent: true }]);
    expect(await listed(bob)).toEqual([{ name: 'c', kind: 'call', permission: 'read', idempotent: false }]);
    expect([await ann.call('b'), await bob.call('c')]).toEqual(['b', 'c']);
    for (const refused of [ann.call('a'), ann.call('c'), ann.call('other'), bob.call('a'), bob.call('other')])
      await expect(refused).rejects.toMatchObject({ code: 'EACCES' });
    await expect(ann.call('none')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('the handler of a method', () => {
  it('gets the storage as its caller may use it', async () => {
    const { server, connect } = await serve({
      storage: await storageOf({ 'a.txt': 'a', 'secret.txt': 's' }),
      permissions: ['call', 'read', 'list'],
      authorize: (_, __, path) => path !== 'secret.txt',
    });
    server.method('names', async (_, { storage }) => {
      const entries = await all(storage.list(REMOTE_ROOT, { recursive: false }));
      return entries.map(({ path }) => path);
    });
    server.method('read', async (path, { storage }) => {
      const file = await storage.readFile?.(path as never);
      return file && Buffer.from(file.bytes).toString();
    });
    server.method('remove', async (path, { storage }) =>
      storage.remove?.(path as never, { recursive: false }),
    );
    const client = connect();
    expect(await client.call('names')).toEqual(['a.txt']);
    expect(await client.call('read', 'a.txt')).toBe('a');
    await expect(client.call('read', 'secret.txt')).rejects.toMatchObject({ code: 'EACCES' });
    await expect(client.call('read', '../a.txt')).rejects.toMatchObject({ code: 'EILSEQ' });
    await expect(client.call('remove', 'a.txt')).rejects.toMatchObject({ code: 'EACCES' });
  });

  it('changes through the storage what its caller could change, with the same rules for names', async () => {
    const { server, connect } = await serve({ storage: await storageOf({ a: 'a' }), portableNames: true });
    server.method('write', async (path, { storage }) => {
      await storage.writeFile?.(path as never, [], { overwrite: true });
    });
    server.method('move', async (path, { storage }) =>
      storage.rename?.('a' as never, path as never, { overwrite: false }),
    );
    server.method(
      'chmod',
      async (mode, { storage }) => (await storage.chmod?.('a' as never, mode as never))?.mode,
    );
    const client = connect();
    expect(await client.call('chmod', 0o640)).toBe(0o640);
    for (const method of ['write', 'move'])
      await expect(client.call(method, 'con')).rejects.toMatchObject({ code: 'EILSEQ' });
    await client.call('write', 'b');
    await client.call('move', 'c');
    expect((await all(client.list())).map(({ path }) => path).sort()).toEqual(['b', 'c']);
  });

  it('learns that its caller cancels, and the caller at once that it is cancelled', async () => {
    const { server, connect } = await serve({ storage: new MemoryStorage() });
    const stopped = new Promise((resolve) => {
      server.method('wait', (_, { signal }) => {
        controller.abort();
        return new Promise((__, reject) =>
          signal.addEventListener('abort', () => {
            resolve(signal.reason);
            reject(new Error('stopped'));
          }),
        );
      });
    });
    const controller = new AbortController();
    await expect(connect().call('wait', 1, { signal: controller.signal })).rejects.toMatchObject({
      code: 'ECANCELED',
    });
    expect(await stopped).toMatchObject({ code: 'ECANCELED' });
  });

  it('has the time of its method, after which the call fails even if the handler does not end', async () => {
    const { server, connect } = await serve({ storage: new MemoryStorage() });
    let reason: unknown;
    server.method('wait', { timeoutMs: 20 }, (_, { signal }) => {
      signal.addEventListener('abort', () => void (reason = signal.reason));
      return new Promise(() => undefined);
    });
    await expect(connect().call('wait')).rejects.toMatchObject({ code: 'ETIMEDOUT', retryable: false });
    expect(reason).toMatchObject({ code: 'ETIMEDOUT' });
  });

  it('that a closing server stops leaves the outcome unknown', async () => {
    const { server, connect } = await serve({ storage: new MemoryStorage() });
    const begun = new Promise<void>((resolve) => {
      server.method('wait', (_, { signal }) => {
        resolve();
        return new Promise((__, reject) =>
          signal.addEventListener('abort', () => reject(new Error('stopped'))),
        );
      });
    });
    const call = connect().call('wait');
    void begun.then(() => server.close({ graceMs: 1 }));
    await expect(call).rejects.toMatchObject({ code: 'ENOTRECOVERABLE', outcomeUnknown: true });
  });
});

describe('a method', () => {
  it('can be shared before and after listening, under a name of its own', async () => {
    const server = new FileServer({ storage: new MemoryStorage() });
    server.method('a', () => 1);
    expect(() => server.method('a', () => 1)).toThrow(TypeError);
    await server.listen(0);
    expect(() => server.method('b', () => 1)).not.toThrow();
    await server.close();
  });

  it('with a wrong name, option or handler is a TypeError', () => {
    const server = new FileServer({ storage: new MemoryStorage() });
    const wrong: [string, object][] = [
      ['', {}],
      ['1a', {}],
      ['a b', {}],
      ['x'.repeat(101), {}],
      ['a', { permissions: 'call' }],
      ['a', { permission: 'execute' }],
      ['a', { timeoutMs: 0 }],
      ['a', { errors: ['not a code'] }],
      ['a', { errors: 'ENOENT' }],
      ['a', { idempotent: 1 }],
      ['a', { input: {} }],
      ['a', { output: null }],
    ];
    for (const [name, options] of wrong)
      expect(() => server.method(name, options, () => 1)).toThrow(TypeError);
    expect(() => server.method('a', undefined as never)).toThrow(TypeError);
  });
});

it('calls take no places of requests without a body', async () => {
  const { server, connect } = await serve({ storage: await storageOf({ 'a.txt': 'a' }) });
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  let running = 0;
  const isFull = new Promise<void>((resolve) => {
    server.method('wait', async () => {
      if (++running === 64) resolve();
      return released;
    });
  });
  const client = connect();
  const calls = Array.from({ length: 100 }, () => client.call('wait'));
  await isFull;
  expect(await client.stat('a.txt')).toMatchObject({ size: 1 });
  expect(running).toBe(64);
  release();
  await Promise.all(calls);
  expect(running).toBe(100);
});
