/** What a client makes of the events of a server, which may lie. */
import { describe, expect, it } from 'vitest';
import { WatchedDirectory } from '../../../src/client/watching/watched-directory.js';
import type { FrameOf } from '../../../src/protocol/frames.js';
import { parseRemotePath } from '../../../src/index.js';

type Change = Omit<FrameOf<'change'>, 'type'>;

const ready: Change = { event: 'ready' };

function file(event: string, path: string, etag = 'v1'): Change {
  return { event, path, kind: 'file', size: 1, mtime: 0, etag };
}

function directory(event: string, path: string): Change {
  return { event, path, kind: 'directory', mtime: 0 };
}

function watched(
  recursive = true,
  maxEntries = 10,
): { apply: (...changes: Change[]) => string[]; restart: () => void } {
  const known = new WatchedDirectory({ top: parseRemotePath('d'), recursive, snapshot: false, maxEntries });
  return {
    restart: () => void known.restart(),
    apply: (...changes) =>
      changes
        .flatMap((change) => known.apply({ type: 'change', ...change }))
        .map((event) => `${event.kind}${'entry' in event ? ` ${event.entry.path}` : ''}`),
  };
}

describe('the entries of a watched directory', () => {
  it('are compared with a snapshot on another channel: what differs is told', () => {
    const { apply, restart } = watched();
    const first = [
      directory('present', 'd/e'),
      file('present', 'd/e/f'),
      file('present', 'd/g'),
      file('present', 'd/h'),
    ];
    expect(apply(...first, ready)).toEqual([]);
    restart();
    expect(
      apply(file('present', 'd/g'), file('present', 'd/h', 'v2'), file('present', 'd/i'), ready),
    ).toEqual(['changed d/h', 'created d/i', 'removed d/e/f', 'removed d/e']);
    expect(apply(ready)).toEqual(['removed d/i', 'removed d/h', 'removed d/g']);
  });

  it('make one event of what is told twice, and none of what was not known', () => {
    const { apply } = watched();
    apply(ready);
    expect(apply(file('created', 'd/a'), file('created', 'd/a'), file('changed', 'd/a'))).toEqual([
      'created d/a',
    ]);
    expect(apply({ event: 'removed', path: 'd/x' }, file('changed', 'd/b'))).toEqual(['created d/b']);
    expect(apply({ ...file('renamed', 'd/c'), from: 'd/x' })).toEqual(['created d/c']);
    expect(apply(directory('created', 'd/a'))).toEqual(['removed d/a', 'created d/a']);
    expect(apply({ event: 'of a later version' })).toEqual([]);
  });

  it('take the content of a renamed or removed directory along', () => {
    const { apply } = watched();
    apply(directory('present', 'd/a'), file('present', 'd/a/b'), ready);
    expect(apply({ ...directory('renamed', 'd/x'), from: 'd/a' })).toEqual(['renamed d/x']);
    expect(apply({ event: 'removed', path: 'd/x' })).toEqual(['removed d/x/b', 'removed d/x']);
  });

  it.each([
    ['a path outside', file('created', 'e')],
    ['the directory itself', directory('created', 'd')],
    ['a path that is not allowed', file('created', 'd/../e')],
    ['a path of the root', file('created', '')],
    ['an entry without a size', { event: 'created', path: 'd/a', kind: 'file', mtime: 0 }],
    ['a removal without a path', { event: 'removed' }],
    ['a rename without its old path', file('renamed', 'd/a')],
    ['a rename from outside', { ...file('renamed', 'd/a'), from: 'x' }],
    ['a rename to itself', { ...file('renamed', 'd/a'), from: 'd/a' }],
    ['a rename into itself', { ...directory('renamed', 'd/a/b'), from: 'd/a' }],
    ['a rename to its parent', { ...directory('renamed', 'd/a'), from: 'd/a/b' }],
  ])('refuse %s', (_what, change) => {
    const { apply } = watched();
    apply(ready);
    expect(() => apply(change)).toThrow(/EPROTO|EILSEQ/);
  });

  it('refuse changes in the middle of a snapshot, and inner entries unless they are recursive', () => {
    expect(() => watched().apply(file('created', 'd/a'))).toThrow(/EPROTO/);
    expect(() => watched(false).apply(file('present', 'd/a/b'))).toThrow(/EPROTO/);
  });

  it('are bounded', () => {
    const { apply } = watched(true, 2);
    apply(...['a', 'b'].map((name) => file('present', `d/${name}`)));
    expect(() => apply(...['a', 'b', 'c'].map((name) => file('present', `d/${name}`)))).toThrow(/EFLOOD/);
  });

  it('are bounded with the directories above them, which a server need not tell', () => {
    const { apply } = watched(true, 10);
    apply(file('present', `d/${'x/'.repeat(9)}y`));
    expect(() => apply(file('present', `d/z/${'x/'.repeat(9)}y`))).toThrow(/EFLOOD/);
  });

  it('are bounded in the length of their paths and etags', () => {
    const { apply } = watched(true, 3);
    apply(file('present', 'd/a', 'x'.repeat(3_000)), ready);
    expect(() => apply(file('created', 'd/b', 'x'.repeat(100)))).toThrow(/EFLOOD/);
  });

  it('free the length of what is changed, renamed, replaced or removed', () => {
    const { apply } = watched(true, 3);
    const etag = 'x'.repeat(1_000);
    apply(ready);
    for (let turn = 0; turn < 10; turn += 1) {
      apply(file('created', 'd/a', etag), file('changed', 'd/a', etag), file('created', 'd/b', etag));
      apply({ ...file('renamed', 'd/b', etag), from: 'd/a' }, directory('created', 'd/b'));
      apply(file('created', 'd/b/c', etag), { event: 'removed', path: 'd/b' });
    }
  });
});
