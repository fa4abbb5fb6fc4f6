import { expect, it } from 'vitest';
import { isSameVersion, isWeakEtag, mayBeSameVersion, weakEtag } from '../../src/protocol/weak-etag.js';

it.each([
  { one: '1', other: '1', isSame: true, mayBeSame: true },
  { one: '1', other: '2', isSame: false, mayBeSame: false },
  { one: 'W/1', other: 'W/1', isSame: false, mayBeSame: true },
  { one: 'W/1', other: '1', isSame: false, mayBeSame: true },
  { one: 'W/1', other: '2', isSame: false, mayBeSame: false },
  { one: undefined, other: undefined, isSame: true, mayBeSame: true },
  { one: undefined, other: '1', isSame: false, mayBeSame: false },
])('compares the etags $one and $other', ({ one, other, isSame, mayBeSame }) => {
  expect([isSameVersion(one, other), isSameVersion(other, one)]).toEqual([isSame, isSame]);
  expect([mayBeSameVersion(one, other), mayBeSameVersion(other, one)]).toEqual([mayBeSame, mayBeSame]);
});

it('a weak etag begins as in HTTP', () => {
  expect(weakEtag('1')).toBe('W/1');
  expect([isWeakEtag('W/1'), isWeakEtag('w/1'), isWeakEtag(undefined)]).toEqual([true, false, false]);
});
