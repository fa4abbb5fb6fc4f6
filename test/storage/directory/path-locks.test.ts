import { describe, expect, it } from 'vitest';
import { PathLocks } from '../../../src/storage/directory/path-locks.js';
import { at } from './directory-fixture.js';

describe('path locks', () => {
  it('admit one task for a path at a time, in order, and other paths in parallel', async () => {
    const locks = new PathLocks();
    const log: string[] = [];
    const work = (path: string, name: string) =>
      locks.hold([at(path)], async () => {
        log.push(`${name} begins`);
        await Promise.resolve();
        log.push(`${name} ends`);
      });
    await Promise.all([work('a', '1'), work('a', '2'), work('b', '3')]);
    expect(log.filter((line) => !line.startsWith('3'))).toEqual(['1 begins', '1 ends', '2 begins', '2 ends']);
    expect(log.indexOf('3 begins')).toBeLessThan(log.indexOf('1 ends'));
  });

  it('are granted in the order of requests, however many wait', async () => {
    const locks = new PathLocks();
    const log: number[] = [];
    const hold = (number: number) =>
      locks.hold([at('a')], async () => {
        await Promise.resolve();
        log.push(number);
      });
    await Promise.all([hold(1), hold(2), hold(3).then(() => hold(5)), hold(4)]);
    expect(log).toEqual([1, 2, 3, 4, 5]);
  });

  it.each([
    [['dir/\u00c4', 'dir/A\u0308', 'DIR/\u00e4', 'dir/a\u0308']],
    [['\u039f\u0394\u039f\u03a3', '\u03bf\u03b4\u03bf\u03c2', '\u03bf\u03b4\u03bf\u03c3']],
    [['s', 'S', '\u017f']],
    [['k', 'K', '\u212a']],
    [['stra\u00dfe', 'STRASSE', 'STRA\u1e9eE']],
    [['\u0390', '\u03b9\u0308\u0301', '\u03aa\u0301']],
  ])('treat spellings as one path if any file system does: %j', async (spellings) => {
    const locks = new PathLocks();
    let holders = 0;
    const most = await Promise.all(
      spellings.map((path) =>
        locks.hold([at(path)], async () => {
          const now = ++holders;
          await Promise.resolve();
          holders--;
          return now;
        }),
      ),
    );
    expect(Math.max(...most)).toBe(1);
  });

  it('do not deadlock, in whichever order two paths are locked', async () => {
    const locks = new PathLocks();
    const pairs = [
      ['a', 'b'],
      ['b', 'a'],
      ['a', 'a'],
      ['b', 'c'],
      ['c', 'a'],
    ] as const;
    const done = pairs.map((pair, index) => locks.hold(pair.map(at), async () => index));
    expect(await Promise.all(done)).toEqual([0, 1, 2, 3, 4]);
  });

  it('are released when the task fails', async () => {
    const locks = new PathLocks();
    await expect(locks.hold([at('a')], () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await locks.hold([at('a')], async () => 'yes')).toBe('yes');
  });
});
