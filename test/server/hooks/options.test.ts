import { describe, expect, it } from 'vitest';
import { FileServer } from '../../../src/index.js';
import { hookSettings } from '../../../src/server/hooks/options.js';

describe('the hooks of a server', () => {
  it('are none by default, and have time limits', () => {
    expect(hookSettings({})).toEqual({
      before: undefined,
      after: undefined,
      beforeCommit: undefined,
      beforeMs: 10_000,
      beforeCommitMs: 300_000,
      afterMs: 60_000,
    });
  });

  it.each<[string, unknown, string]>([
    ['before', 'log', 'The option before must be a function, not string.'],
    ['after', {}, 'The option after must be a function, not object.'],
    ['beforeCommit', null, 'The option beforeCommit must be a function, not object.'],
    ['hookTimeouts', { before: 1 }, 'hookTimeouts has no option before.'],
    ['hookTimeouts', { beforeMs: 0 }, 'The option hookTimeouts.beforeMs must be an integer from 1'],
  ])('reject %s: %j', (name, value, message) => {
    const set = () => new FileServer({ [name]: value });
    expect(set).toThrow(TypeError);
    expect(set).toThrow(message);
  });
});
