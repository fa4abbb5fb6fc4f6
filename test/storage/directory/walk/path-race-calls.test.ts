/** The race without chance: a name and a link change places before the n-th call of the system, for every n. */
import { describe, expect, it } from 'vitest';
import type { DirectoryStorage } from '../../../../src/storage/directory/directory-storage.js';
import type { FileCalls } from '../../../../src/storage/directory/calls/file-calls.js';
import type { Walking } from '../../../../src/storage/directory/walk/path-resolver.js';
import { isLong } from '../../../faults/size.js';
import { codeOf, makePlace, openIn } from '../directory-fixture.js';
import { FailingCalls } from '../failing-calls.js';
import { changing, looking, type LeadingRequest } from './leading-requests.js';
import { expectNoSecret, fill, traces } from './secrets.js';
import { Swapping, swaps, type Swap } from './swapping.js';

/** All of them take a minute; the first is the way to all the others. */
const tried = isLong ? swaps : swaps.slice(0, 1);

interface Attempt {
  readonly request: LeadingRequest;
  readonly swap: Swap;
  readonly walking: Walking;
  /** Before which calls they change places, counted from 1. */
  readonly before: readonly number[];
}

const posix = describe.skipIf(process.platform === 'win32');

posix('when a link replaces a segment before a call, walked by names', () => {
  // Only requests that read can be repeated: a change follows the link wherever it leads.
  describe.each(tried)('in the place of $name', (swap) => {
    it.each(Object.entries(looking))('no request that %s reveals the outside', async (_, request) => {
      for (let nth = 1; ; nth++) {
        const { made, place, told } = await attempt({ request, swap, walking: 'names', before: [nth] });
        expectNoSecret(place, told);
        if (made.length < nth) return;
      }
    });
  });
});

describe.runIf(process.platform === 'linux')('a link that replaces a segment, walked by handles', () => {
  describe.each(tried)('in the place of $name', (swap) => {
    it.each(Object.entries({ ...looking, ...changing }))(
      'no request that %s leads outside',
      async (_, request) => {
        for (let nth = 1; ; nth++) {
          if ((await callsOf({ request, swap, walking: 'handles', before: [nth] })) < nth) return;
          // And back: the names from before and after have the expected content.
          if (isLong) await callsOf({ request, swap, walking: 'handles', before: [nth, nth + 1] });
        }
      },
    );
  });
});

/** Asserts that a request does not lead outside. Resolves with its number of calls. */
async function callsOf(what: Attempt): Promise<number> {
  const { made, code, place, told, before, after } = await attempt(what);
  const when = `before the call ${what.before.join(' and ')} of ${made.join(', ')}: ${code}`;
  expect(after, when).toEqual(before);
  expectNoSecret(place, told);
  expect(await openIn(place.root), when).toEqual([]);
  return made.length;
}

/** Makes a request while they change places. */
async function attempt({ request, swap, walking, before }: Attempt) {
  const counting = new FailingCalls(0);
  const { made } = counting;
  const swapping: Swapping[] = [];
  const calls = beforeEach(counting.calls, () => {
    if (before.includes(made.length + 1)) swapping[0]?.swap();
  });
  // Nothing is read that was not written just now, and the disk is slow.
  const place = await makePlace({ walking, calls: { ...calls, fsync: async () => undefined } });
  fill(place);
  await prepared(place.storage);
  made.length = 0;
  swapping.push(await Swapping.prepare(place, swap));
  const untouched = traces(place);
  let told: readonly string[] = [];
  const code = await codeOf(request(place.storage, 1).then((all) => (told = all)));
  return { made, code, place, told, before: untouched, after: traces(place) };
}

/** Something for every request to work with: what one could find in a tree that is in use. */
async function prepared(storage: DirectoryStorage): Promise<void> {
  for (const name of ['writes a file', 'makes directories', 'goes on with a file']) {
    await changing[name]?.(storage, 1);
  }
}

function beforeEach(calls: FileCalls, look: () => void): FileCalls {
  const wrapped = Object.entries(calls).map(([name, call]: [string, (...args: never[]) => unknown]) => [
    name,
    (...args: never[]) => {
      look();
      return call(...args);
    },
  ]);
  return Object.fromEntries(wrapped) as FileCalls;
}
