/** Listings that are given up, cut off or refused. */
import { describe, expect, it } from 'vitest';
import { FileClient } from '../../src/index.js';
import { serve } from '../support/serve.js';
import { settles, storageWith, clientOf } from '../support/unfriendly.js';

describe('listing', () => {
  it('is given up by return() while next() waits', async () => {
    const storage = storageWith({
      list: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) }),
    });
    const { connect } = await serve({ storage });
    const client = connect();
    const iterator = client.list('/');
    const next = iterator.next().catch(() => undefined);
    await client.ping();
    expect(await settles(Promise.resolve(iterator.return?.()), 500)).toBe(true);
    void next;
  });

  it('whose last entry is cut off is an error', async () => {
    const body = 'entry path=x kind=file';
    const client = await clientOf(
      `accept id=1 kind=directory\ndata id=1 length=${body.length}\n${body}\nresult id=1 bytes=${body.length}\n`,
    );
    const found: string[] = [];
    await expect(
      (async () => {
        for await (const { path } of client.list()) found.push(path);
      })(),
    ).rejects.toMatchObject({ code: 'EPROTO' });
  });

  it('hands out nothing that comes after what it refuses', async () => {
    const body = 'entry path=../x kind=file\nentry path=y kind=file\n';
    const client = await clientOf(
      `accept id=1 kind=directory\ndata id=1 length=${body.length}\n${body}\nresult id=1 bytes=${body.length}\n`,
    );
    const found: string[] = [];
    await expect(
      (async () => {
        for await (const { path } of client.list()) found.push(path);
      })(),
    ).rejects.toMatchObject({ code: 'EPROTO' });
    expect(found).toEqual([]);
  });

  it('failures name the operation and the path, also when the client is closed', async () => {
    const client = new FileClient();
    await client.close();
    await expect(client.list('dir').next()).rejects.toMatchObject({
      code: 'ESHUTDOWN',
      operation: 'list',
      path: 'dir',
    });
  });
});

describe('a client that distrusts its server', () => {
  it('refuses a copy that the server says is elsewhere', async () => {
    const client = await clientOf('result id=1 path=other kind=file size=1 mtime=0\n');
    await expect(client.copy('a', 'b')).rejects.toMatchObject({ code: 'EPROTO' });
  });
});
