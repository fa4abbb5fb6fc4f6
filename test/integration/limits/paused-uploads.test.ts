/** Programs that pause in the middle of an upload for longer than the server waits. */
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { MemoryStorage, type FileClient } from '../../../src/index.js';
import { LARGE, serveLarge, serveSmall, stall } from '../../support/servers/impatient.js';
import { temporaryDirectory, type Served } from '../../support/servers/serve.js';
import { turns } from '../../support/servers/unfriendly.js';

describe('an upload whose writer pauses', () => {
  async function uploaded(
    served: Served,
    sizes: readonly number[],
    options: Parameters<FileClient['upload']>[1] = {},
  ): Promise<Buffer> {
    const client = served.connect();
    const upload = client.upload('new', options);
    let at = 0;
    for (const size of sizes) {
      const paused = stall(served, client);
      if (!upload.write(LARGE.subarray(at, at + size))) await once(upload, 'drain');
      at += size;
      await paused;
    }
    upload.end();
    expect(await upload.completed).toMatchObject({ size: at });
    return client.readFile('new');
  }

  it.each([
    ['large pieces', [1_000_000, 500_000], {}],
    ['a little', [10, 100], {}],
    ['less than 64 KiB of a known size', [1_000, 1_000], { size: 2_000 }],
    ['less than 64 KiB with a condition', [1_000, 1_000], { size: 2_000, overwrite: false }],
    ['nothing at first', [0, 70_000], {}],
  ])('continues: %s', async (_name, sizes, options) => {
    const served = await serveSmall({ storage: new MemoryStorage() });
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expect((await uploaded(served, sizes, options)).equals(LARGE.subarray(0, total))).toBe(true);
  });

  it('continues on a storage that suspends uploads', async () => {
    const served = await serveSmall({ root: await temporaryDirectory() });
    expect((await uploaded(served, [1_000_000, 1_000])).equals(LARGE.subarray(0, 1_001_000))).toBe(true);
  });

  it.each([true, false])('continues an append, once; with ifMatch: %s', async (hasEtag) => {
    const served = await serveLarge();
    const client = served.connect();
    const { etag } = await client.stat('large');
    const append = client.append('large', hasEtag ? { ifMatch: etag } : {});
    for (let count = 0; count < 2; count += 1) {
      const paused = stall(served, client);
      append.write('more');
      await paused;
    }
    append.end();
    await append.completed;
    const expected = Buffer.concat([LARGE, Buffer.from('moremore')]);
    expect((await client.readFile('large')).equals(expected)).toBe(true);
  });

  it('fails with EGONE if the server has dropped acknowledged bytes meanwhile', async () => {
    const served = await serveSmall({
      storage: new MemoryStorage(),
      uploads: { suspendedExpiryMs: 1 },
    });
    const client = served.connect();
    const upload = client.upload('new');
    const failure = once(upload, 'error');
    const paused = stall(served, client);
    upload.write(LARGE);
    await paused;
    await turns(10);
    await new Promise((resolve) => setTimeout(resolve, 20));
    upload.write('more');
    expect((await failure)[0]).toMatchObject({ code: 'EGONE' });
  });

  it('that is destroyed meanwhile sends nothing more', async () => {
    const served = await serveSmall({ storage: new MemoryStorage() });
    const client = served.connect();
    const upload = client.upload('new');
    upload.on('error', () => undefined);
    const paused = stall(served, client);
    upload.write('some');
    await paused;
    await turns(10);
    let opened = 0;
    served.server.on('requestStart', () => (opened += 1));
    upload.destroy();
    await expect(upload.completed).rejects.toMatchObject({ code: 'ECANCELED' });
    expect(await client.exists('new')).toBe(false);
    expect(opened).toBe(1);
  });

  it('reads a slow source to its end', async () => {
    const served = await serveSmall({ storage: new MemoryStorage() });
    const client = served.connect();
    async function* slow(): AsyncGenerator<string> {
      yield 'one';
      await stall(served, client);
      yield 'two';
      await stall(served, client);
    }
    await client.writeFile('new', slow());
    expect(await client.readFile('new', 'utf8')).toBe('onetwo');
    const paused = stall(served, client);
    const source = Readable.from(['a', 'b']);
    source.pause();
    const upload = client.upload('newer');
    await paused;
    await pipeline(source, upload);
    expect(await client.readFile('newer', 'utf8')).toBe('ab');
  });
});
