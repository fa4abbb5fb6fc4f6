import { describe, expect, it } from 'vitest';
import { failureOf, linesOf, trees, writeTree } from '../../support/local-files/trees.js';

describe('ignored entries', () => {
  it('are those of either side, by one list of which the last match decides', async () => {
    const { client, up } = await trees({
      local: { 'a.log': '', 'keep.log': '', 'build/x': '', 'src/build/y': '', 'src/z': '' },
      remote: { 'old.log': '', 'build/w': '', other: '' },
    });
    const ignore = ['*.log', '!keep.log', '/build'];
    const lines = await linesOf(client.planSync(...up, { mode: 'mirror', ignore }));
    expect(lines.filter((line) => !line.startsWith('touch'))).toEqual([
      'transfer keep.log new',
      'make-directory src new',
      'transfer src/z new',
      'make-directory src/build new',
      'transfer src/build/y new',
      'delete other extra',
    ]);
  });

  it('are those that the filter refuses on either side', async () => {
    const { client, up } = await trees({
      local: { big: '12345', small: '1', a: 'a' },
      remote: { small: '12345', x: '' },
    });
    const filter = ({ size, kind }: { size: number; kind: string }) => kind === 'directory' || size < 5;
    expect(await linesOf(client.planSync(...up, { mode: 'mirror', filter }))).toEqual([
      'transfer a new',
      'delete x extra',
    ]);
  });

  it('are not listed below an ignored directory', async () => {
    const { client, up } = await trees({ local: { 'node_modules/x/y': '', a: '' } });
    const seen: string[] = [];
    const filter = ({ path: at }: { path: string }) => seen.push(at) > 0;
    await linesOf(client.planSync(...up, { ignore: 'node_modules/', filter }));
    expect(seen).toEqual(['a']);
  });

  it('fail the plan with what the filter throws', async () => {
    const { client, up } = await trees({ local: { a: 'a' } });
    const error = new RangeError('mine');
    const filter = (): boolean => {
      throw error;
    };
    expect(await failureOf(client.planSync(...up, { filter }))).toEqual({ actions: [], error });
  });
});

describe('unfinished downloads', () => {
  it('are no part of a plan', async () => {
    const { client, up, down, local } = await trees({ local: { a: 'a' }, remote: { a: 'a' } });
    await writeTree(local, {
      '.a.0123456789ab.socket-ftp-part': 'part',
      '.a.0123456789ab.socket-ftp-note': '',
    });
    expect(await linesOf(client.planSync(...up, { mode: 'mirror' }))).toEqual([]);
    expect(await linesOf(client.planSync(...down, { mode: 'mirror' }))).toEqual([]);
  });
});
