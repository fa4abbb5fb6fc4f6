import { expect, it } from 'vitest';
import { parseRemotePath } from '../../../src/index.js';
import { PathLock } from '../../../src/server/quota/path-lock.js';

it('work that waits for a lock is told about the progress of other work, and of its end, until it starts', async () => {
  const lock = new PathLock();
  const told: string[] = [];
  let end: () => void = () => undefined;
  const first = lock.exclusive(() => new Promise<void>((resolve) => (end = resolve)));
  const starts = (name: string) => async (): Promise<void> => void told.push(`${name} starts`);
  const second = lock.exclusive(starts('second'), () => told.push('second'));
  const third = lock.shared([parseRemotePath('a')], starts('third'), () => told.push('third'));
  await new Promise((resolve) => setImmediate(resolve));
  lock.reportProgress();
  expect(told.splice(0)).toEqual(['second', 'third']);
  end();
  await Promise.all([first, second, third]);
  expect(told.splice(0)).toEqual(['second', 'third', 'second starts', 'third', 'third starts']);
  lock.reportProgress();
  expect(told).toEqual([]);
});

it('work that waits for a lock is told of many steps of other work at most once in 50 ms', async () => {
  let now = 0;
  const lock = new PathLock(() => now);
  let end: () => void = () => undefined;
  const first = lock.exclusive(() => new Promise<void>((resolve) => (end = resolve)));
  let told = 0;
  const second = lock.exclusive(
    () => Promise.resolve(),
    () => (told += 1),
  );
  await new Promise((resolve) => setImmediate(resolve));
  for (now = 0; now < 1_000; now += 1) lock.reportProgress();
  expect(told).toBe(20);
  end();
  await Promise.all([first, second]);
});
