/** The built package while a program replaces the timers, as tests with fake timers do. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type * as Library from '../../../src/index.js';
import { repositoryRoot } from '../../support/repository.js';

const dist = path.join(repositoryRoot, 'dist');

const builds: Record<string, () => Promise<typeof Library>> = {
  import: async () => (await import(pathToFileURL(path.join(dist, 'index.js')).href)) as typeof Library,
  require: async () => createRequire(import.meta.url)(path.join(dist, 'index.cjs')) as typeof Library,
};

afterEach(() => void vi.useRealTimers());

describe.each(Object.entries(builds))('the package by %s under fake timers', (_way, load) => {
  async function started(): Promise<{ client: Library.FileClient; library: typeof Library }> {
    const library = await load();
    vi.useFakeTimers({
      toFake: [
        'setTimeout',
        'clearTimeout',
        'setInterval',
        'clearInterval',
        'setImmediate',
        'clearImmediate',
        'queueMicrotask',
        'performance',
        'Date',
      ],
    });
    const server = await new library.FileServer({ storage: new library.MemoryStorage() }).listen(0);
    const client = new library.FileClient({ port: server.port });
    onTestFinished(async () => {
      client.destroy();
      await server.close({ graceMs: 0 });
    });
    return { client, library };
  }

  it('serves every kind of request', async () => {
    const { client } = await started();
    expect(await client.ping()).toBeGreaterThanOrEqual(0);
    await client.mkdir('d');
    await client.writeFile('d/a', 'text');
    await client.writeFile('d/b', ['one', 'two']);
    expect(await client.readFile('d/b', 'utf8')).toBe('onetwo');
    expect((await client.stat('d/a')).size).toBe(4);
    expect(await client.readdir('d')).toHaveLength(2);
    const large = new Uint8Array(5_000_000);
    const stream = client.upload('large');
    stream.end(large);
    await stream.completed;
    let bytes = 0;
    for await (const piece of client.download('large')) bytes += (piece as Buffer).length;
    expect(bytes).toBe(large.length);
    await client.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('keeps its time limits in real time', async () => {
    const { client } = await started();
    const waiting = (async function* () {
      yield 'a';
      await new Promise(() => undefined);
    })();
    await expect(client.writeFile('a', waiting, { timeoutMs: 20 })).rejects.toMatchObject({
      code: 'ETIMEDOUT',
    });
  });
});
