import { describe, expect, it } from 'vitest';
import { actionLine } from '../../../src/cli/compare/plan/action-line.js';
import type { SyncAction } from '../../../src/index.js';

const version = { size: 5 };

describe('actionLine', () => {
  it.each<[SyncAction, string]>([
    [{ kind: 'make-directory', path: 'a', reason: 'new', bytes: 0, source: version }, '+ new        a/'],
    [{ kind: 'make-directory', path: '', reason: 'new', bytes: 0, source: version }, '+ new        ./'],
    [{ kind: 'transfer', path: 'a', reason: 'new', bytes: 5, source: version }, '+ new        a (5 B)'],
    [
      { kind: 'transfer', path: 'a', reason: 'content', bytes: 5, source: version, target: version },
      '~ hash       a (5 B)',
    ],
    [
      { kind: 'append', path: 'a', reason: 'grown', bytes: 2, source: version, target: version },
      '~ grown      a (2 B)',
    ],
    [
      { kind: 'copy', path: 'b', from: 'a', reason: 'same-content', bytes: 0, source: version },
      '+ copy       a -> b',
    ],
    [
      { kind: 'rename', path: 'b', from: 'a', reason: 'case', bytes: 0, source: version },
      '> rename     a -> b',
    ],
    [{ kind: 'delete', path: 'a', reason: 'extra', bytes: 0, entry: 'directory' }, '- extra      a/'],
    [
      { kind: 'problem', path: 'a', reason: 'special', bytes: 0, message: 'A pipe.' },
      '! special    a: A pipe.',
    ],
  ])('of %j is %s', (action, line) => {
    expect(
      actionLine(action)
        .map((piece) => (typeof piece === 'string' ? piece : piece[1]))
        .join(''),
    ).toBe(line);
  });
});
