/** Listings that are given up, cut off or refused. */
import { describe, expect, it } from 'vitest';
import { FileClient, parseRemotePath, type FileEntry } from '../../../src/index.js';
import { serve } from '../../support/servers/serve.js';
import { clientOf, storageWith } from '../../support/servers/unfriendly.js';
import { until } from '../../support/until.js';

/** Iterates a listing of these bytes, and keeps the paths that it hands out. */
async function listed(body: string, found: string[]): Promise<void> {
  const { length } = body;
  const client = await clientOf(
    `accept id=1 kind=directory\ndata id=1 length=${length}\n${body}\nresult id=1 bytes=${length}\n`,
  );
  for await (const { path } of client.list()) found.push(path);
}

describe('a listing', () => {
  it('is ended by return() while next() is pending', async () => {
    let answer: ((result: IteratorResult<FileEntry, undefined>) => void) | undefined;
    const next = (): Promise<IteratorResult<FileEntry, undefined>> =>
      new Promise((resolve) => (answer = resolve));
    const storage = storageWith({ list: () => ({ [Symbol.asyncIterator]: () => ({ next }) }) });
    const { connect } = await serve({ storage });
    const iterator = connect().list('/');
    const waiting = iterator.next();
    await until(() => answer !== undefined);
    await iterator.return!();
    expect(await waiting).toMatchObject({ done: true });
    answer?.({ done: true, value: undefined });
  });

  it('yields its first entries while the storage looks for more', async () => {
    let goOn = (): void => undefined;
    const seen = new Promise<void>((resolve) => (goOn = resolve));
    const entryOf = (index: number): FileEntry => {
      return { path: parseRemotePath(`file ${index}`), kind: 'file', size: 0, mtime: new Date(0), etag: 'x' };
    };
    const storage = storageWith({
      async *list() {
        for (let index = 0; index < 20; index++) yield entryOf(index);
        await seen;
        for (let index = 20; index < 2_000; index++) yield entryOf(index);
      },
    });
    const { connect } = await serve({ storage });
    let count = 0;
    for await (const _ of connect().list('/')) {
      count += 1;
      goOn();
    }
    expect(count).toBe(2_000);
  });

  it('whose last entry is cut off fails', async () => {
    await expect(listed('entry path=x kind=file', [])).rejects.toMatchObject({ code: 'EPROTO' });
  });

  it('yields nothing after an entry that it rejects', async () => {
    const found: string[] = [];
    const listing = listed(
      'entry path=../x kind=file size=1 mtime=1\nentry path=y kind=file size=1 mtime=1\n',
      found,
    );
    await expect(listing).rejects.toMatchObject({ code: 'EPROTO' });
    expect(found).toEqual([]);
  });

  it('reports failures with the operation and the path, also when the client is closed', async () => {
    const client = new FileClient();
    await client.close();
    await expect(client.list('dir').next()).rejects.toMatchObject({
      code: 'ESHUTDOWN',
      operation: 'list',
      path: 'dir',
    });
  });
});

describe('a client that does not trust its server', () => {
  it('rejects a copy that the server reports at another path', async () => {
    const answer = 'result id=1 path=other kind=file size=1 mtime=0\n';
    const client = await clientOf(answer, 'open ', { reconnect: false });
    await expect(client.copy('a', 'b')).rejects.toMatchObject({ code: 'EPROTO' });
  });
});
