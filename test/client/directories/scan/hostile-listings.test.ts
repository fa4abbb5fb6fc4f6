import { describe, expect, it } from 'vitest';
import { MAX_DIRECTORY_ENTRIES, RemoteTree } from '../../../../src/client/directories/scan/remote-tree.js';
import { TransferError } from '../../../../src/index.js';
import { FakeTree, planOfTrees } from '../../../support/doubles/fake-tree.js';
import { linesOf } from '../../../support/local-files/trees.js';

const entry = (path: string, kind: 'file' | 'directory' = 'file') => ({
  path,
  kind,
  size: 1,
  mtime: new Date(0),
});

describe('a listing of a server', () => {
  it('that does not end is EFLOOD', async () => {
    let given = 0;
    let isEnded = false;
    const endless = async function* () {
      try {
        const same = entry('x');
        for (;;) {
          given++;
          yield same;
        }
      } finally {
        isEnded = true;
      }
    };
    const tree = new RemoteTree(
      {
        list: () => Object.assign(endless(), { omitted: undefined }),
        stat: () => Promise.resolve(entry('', 'directory')),
        checksum: () => Promise.resolve(''),
      },
      '',
    );
    const listing = tree.list('', { signal: new AbortController().signal, add: () => undefined });
    await expect(listing).rejects.toMatchObject({ code: 'EFLOOD' });
    expect(given).toBe(MAX_DIRECTORY_ENTRIES + 1);
    expect(isEnded).toBe(true);
  });

  it('with etags that fill the memory is EFLOOD', async () => {
    let given = 0;
    const etag = 'x'.repeat(60_000);
    const endless = async function* () {
      for (; ; given += 1) yield { ...entry(`x${given}`), etag };
    };
    const tree = new RemoteTree(
      {
        list: () => Object.assign(endless(), { omitted: undefined }),
        stat: () => Promise.resolve(entry('', 'directory')),
        checksum: () => Promise.resolve(''),
      },
      '',
    );
    const listing = tree.list('', { signal: new AbortController().signal, add: () => undefined });
    await expect(listing).rejects.toMatchObject({ code: 'EFLOOD' });
    expect(given).toBeLessThan(5_000);
  });

  it('of a directory that is too large to be listed ahead is asked for again in its turn', async () => {
    const source = new FakeTree({ 'd/x': 'x', 'e/y': 'y' });
    const list = source.list.bind(source);
    const asked: [string, boolean][] = [];
    source.list = async (path, request) => {
      const isBounded = request.maxEntries !== undefined;
      asked.push([path, isBounded]);
      if (path === 'e' && isBounded) throw new TransferError('EFLOOD');
      return list(path, request);
    };
    const lines = await linesOf(planOfTrees(source, new FakeTree({})));
    expect(lines).toContain('transfer e/y new');
    expect(asked).toEqual([
      ['', false],
      ['d', true],
      ['e', true],
      ['e', false],
    ]);
  });

  it('that gives a name twice is that of one entry', async () => {
    const twice = new FakeTree({ a: 'a', b: 'b' });
    const list = twice.list.bind(twice);
    twice.list = async (path, request) => {
      await list(path, request);
      return list(path, request);
    };
    expect(await linesOf(planOfTrees(twice, new FakeTree({})))).toEqual(['transfer a new', 'transfer b new']);
    const lines = await linesOf(planOfTrees(new FakeTree({ c: 'c' }), twice, { mode: 'mirror' }));
    expect(lines).toEqual(['transfer c new', 'delete a extra', 'delete b extra']);
  });
});
