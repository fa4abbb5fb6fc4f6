/** How a path reaches the system, walked by handles: never more of it than one name at a time, and never through a link. */
import { constants } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { fileCalls, type FileCalls } from '../../../../src/storage/directory/calls/file-calls.js';
import { makePlace, type Place } from '../directory-fixture.js';
import { changing, looking } from './leading-requests.js';
import { fill } from './secrets.js';

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_WRONLY, O_RDWR } = constants;

/** Node has no name for it. */
const O_PATH = 0x200000;

interface Call {
  readonly name: string;
  readonly args: readonly unknown[];
}

/** Calls that follow a link which has the last name of a path. */
const following = ['stat', 'opendir', 'copyFile'];

describe.runIf(process.platform === 'linux')(
  'tus, croc: no call is given a path that could lead elsewhere',
  () => {
    it.each(Object.entries({ ...looking, ...changing }))('by a request that %s', async (_, request) => {
      const made: Call[] = [];
      const place = await makePlace({ walking: 'handles', calls: recording(made) });
      fill(place);
      for (let round = 1; round <= 2; round++) await request(place.storage, round).catch(() => undefined);
      const checked = made.flatMap(({ name, args }) => pathsOf(args).map((path) => ({ name, path, args })));
      expect(checked.length).toBeGreaterThan(2);
      for (const call of checked) {
        const { above, below } = split(call.path, place);
        expect(above, call.path).toMatch(/^(?:root|\/proc\/(?:self|own)\/fd\/\d+)$/);
        expect(below, call.path).toMatch(/^[^/]*$/);
        if (following.includes(call.name)) expect(below, `${call.name} ${call.path}`).toBe('');
        if (call.name === 'open' && below !== '') expectNoFollowing(Number(call.args[1]), call.path);
      }
    });

    it('and parent directories are opened as directories to look names up in, without following links', async () => {
      const made: Call[] = [];
      const place = await makePlace({ walking: 'handles', calls: recording(made) });
      fill(place);
      await symlink(place.outside, place.local('folder', 'link'));
      await looking['reads a file further below']?.(place.storage, 1);
      const opened = made.filter(({ name }) => name === 'open').map(({ args }) => Number(args[1]));
      expect(opened).toHaveLength(3);
      for (const flags of opened.slice(0, 2)) expect(flags).toBe(O_PATH | O_DIRECTORY | O_NOFOLLOW);
    });
  },
);

/** A leaf is not followed, and is opened without waiting unless it is made by this very call. */
function expectNoFollowing(flags: number, path: string): void {
  expect(flags & O_NOFOLLOW, path).toBe(O_NOFOLLOW);
  const isWritten = (flags & (O_WRONLY | O_RDWR)) !== 0 && (flags & constants.O_EXCL) !== 0;
  if (!isWritten) expect(flags & (O_NONBLOCK | O_DIRECTORY), path).not.toBe(0);
}

/** The path of the directory, and the name in it. */
function split(path: string, { root }: Place): { above: string; below: string } {
  // Another process's handles would lead elsewhere.
  const named = path.replace(`/proc/${process.pid}/`, '/proc/own/');
  const [, above = named, below = ''] = /^(\/proc\/(?:self|own)\/fd\/\d+)\/?(.*)$/s.exec(named) ?? [];
  if (above !== named || below !== '') return { above, below };
  if (path === root) return { above: 'root', below: '' };
  return path.startsWith(`${root}/`)
    ? { above: 'root', below: path.slice(root.length + 1) }
    : { above, below };
}

function pathsOf(args: readonly unknown[]): string[] {
  return args.filter((arg) => typeof arg === 'string');
}

function recording(made: Call[]): FileCalls {
  const wrapped = Object.entries(fileCalls).map(([name, call]: [string, (...args: never[]) => unknown]) => [
    name,
    (...args: never[]) => {
      made.push({ name, args });
      return call(...args);
    },
  ]);
  return Object.fromEntries(wrapped) as FileCalls;
}
