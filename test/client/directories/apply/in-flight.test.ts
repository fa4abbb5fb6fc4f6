/** What runs at the same time, and what waits for what. */
import { describe, expect, it } from 'vitest';
import { InFlight, type InFlightAction } from '../../../../src/client/directories/apply/in-flight.js';

/** Starts actions that end when the test says so. */
function started(): {
  running: string[];
  start: (path: string, more?: Partial<InFlightAction>) => void;
  end: (path: string) => Promise<void>;
  inFlight: InFlight;
} {
  const inFlight = new InFlight();
  const running: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    inFlight,
    running,
    start(path, more = {}) {
      inFlight.start({ paths: [path], isTree: false, bytes: 0, ...more }, async () => {
        running.push(path);
        await new Promise<void>((resolve) => ends.set(path, resolve));
        running.splice(running.indexOf(path), 1);
      });
    },
    async end(path) {
      ends.get(path)?.();
      // All that this lets begin has begun.
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe('InFlight', () => {
  it('carries out an action after those of the directories above, and others at once', async () => {
    const { running, start, end } = started();
    start('a');
    start('a/b');
    start('a/b/file');
    start('ab/file');
    expect(running).toEqual(['a', 'ab/file']);
    await end('a');
    expect(running).toEqual(['ab/file', 'a/b']);
    await end('a/b');
    expect(running).toEqual(['ab/file', 'a/b/file']);
  });

  it('carries out an action on a tree after all below', async () => {
    const { running, start, end } = started();
    start('a/b/1');
    start('a/2');
    start('a', { isTree: true });
    start('', { isTree: true });
    await end('a/2');
    expect(running).toEqual(['a/b/1']);
    await end('a/b/1');
    expect(running).toEqual(['a']);
    await end('a');
    expect(running).toEqual(['']);
  });

  it('has room for a thousand small files, or a few large ones', async () => {
    const small = started();
    for (let index = 0; index < 1_023; index++) small.start(`${index}`);
    await small.inFlight.room();
    small.start('last');
    let hasRoom = false;
    const room = small.inFlight.room().then(() => (hasRoom = true));
    await small.end('none');
    expect(hasRoom).toBe(false);
    await small.end('7');
    await room;
    const large = started();
    for (let index = 0; index < 3; index++) large.start(`${index}`, { bytes: 2 ** 40 });
    await large.inFlight.room();
  });
});
