/** Which small files are carried out together, and what waits for them. */
import { describe, expect, it } from 'vitest';
import { InFlight } from '../../../../src/client/directories/apply/in-flight.js';
import { TransferGroups } from '../../../../src/client/directories/apply/small-files/transfer-groups.js';
import type { TransferAction } from '../../../../src/index.js';

const nextTick = () => new Promise((resolve) => setImmediate(resolve));

/** Groups that end when the test says so. */
function grouped() {
  const inFlight = new InFlight();
  const running: string[][] = [];
  const ends: (() => void)[] = [];
  const groups = new TransferGroups(inFlight, async (actions) => {
    running.push(actions.map(({ path }) => path));
    await new Promise<void>((resolve) => ends.push(resolve));
  });
  const add = (path: string, size = 1) => groups.add(transfer(path, size));
  const endOne = async () => {
    ends.shift()?.();
    await nextTick();
  };
  return { inFlight, groups, running, add, endOne };
}

function transfer(path: string, size: number): TransferAction {
  return { kind: 'transfer', path, reason: 'new', bytes: size, source: { size } };
}

describe('TransferGroups', () => {
  it('carries out the files of a tick together, at its end', async () => {
    const { running, add } = grouped();
    add('a/1');
    add('a/2');
    expect(running).toEqual([]);
    await nextTick();
    expect(running).toEqual([['a/1', 'a/2']]);
  });

  it('carries out at most 256 files and 1 MiB together', () => {
    const many = grouped();
    for (let index = 0; index < 257; index++) many.add(`${index}`);
    expect(many.running.map(({ length }) => length)).toEqual([256]);
    const large = grouped();
    for (let index = 0; index < 17; index++) large.add(`${index}`, 64 * 1024);
    expect(large.running.map(({ length }) => length)).toEqual([16]);
  });

  it('fills a group while two others run, and carries it out when one of them ends', async () => {
    const { running, add, endOne } = grouped();
    for (const path of ['1', '2', '3', '4']) {
      add(path);
      await nextTick();
    }
    expect(running).toEqual([['1'], ['2']]);
    await endOne();
    expect(running).toEqual([['1'], ['2'], ['3', '4']]);
  });

  it('waits for the directory of a file, also if that is created after the group has begun', async () => {
    const { inFlight, running, add } = grouped();
    let created = (): void => undefined;
    add('1');
    inFlight.start(
      { paths: ['a'], isTree: false, bytes: 0 },
      () => new Promise((resolve) => (created = resolve)),
    );
    add('a/1');
    await nextTick();
    expect(running).toEqual([]);
    created();
    await nextTick();
    expect(running).toEqual([['1', 'a/1']]);
  });

  it('carries out two files of one path one after the other', async () => {
    const { running, add, endOne } = grouped();
    add('a');
    add('a');
    await nextTick();
    expect(running).toEqual([['a']]);
    await endOne();
    expect(running).toEqual([['a'], ['a']]);
  });

  it('adds no file to a group for which another action waits', async () => {
    const { inFlight, running, add, endOne } = grouped();
    let hasRun = false;
    add('a/1');
    inFlight.start({ paths: ['a'], isTree: true, bytes: 0 }, async () => void (hasRun = true));
    add('a/2');
    await nextTick();
    expect(running).toEqual([['a/1']]);
    expect(hasRun).toBe(false);
    await endOne();
    expect(hasRun).toBe(true);
    expect(running).toEqual([['a/1'], ['a/2']]);
  });
});
