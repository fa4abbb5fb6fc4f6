import { describe, expect, it } from 'vitest';
import type { DirectoryPair } from '../../../../src/client/directories/plan/directory-pair.js';
import { WaitingDirectories } from '../../../../src/client/directories/scan/waiting-directories.js';
import { type TransferError } from '../../../../src/index.js';

const pair = (path: string, localPath = path, etag?: string): DirectoryPair => ({
  path,
  localPath,
  source: { name: path, kind: 'directory', size: 0, mtimeMs: 0, etag },
  isRehearsal: false,
  keepsEntries: false,
  isChanged: false,
});

describe('directories that wait to be compared', () => {
  it('fail the plan with EFLOOD if there are too many', () => {
    const waiting = new WaitingDirectories('source', { directories: 3, textLength: 1_000 });
    for (const name of ['a', 'b', 'c']) waiting.add(pair(name));
    expect(() => waiting.add(pair('d'))).toThrow(
      expect.objectContaining({ code: 'EFLOOD', path: 'd' }) as TransferError,
    );
  });

  it.each([
    ['paths', pair('12345678901')],
    ['local names', pair('123456', '123%35')],
    ['etags', pair('1', '1', '1234567890')],
  ])('fail the plan with EFLOOD if their %s are too long', (_what, long) => {
    const waiting = new WaitingDirectories('source', { directories: 3, textLength: 10 });
    expect(() => waiting.add(long)).toThrow(expect.objectContaining({ code: 'EFLOOD' }) as TransferError);
  });

  it('count only if the server has them', () => {
    const waiting = new WaitingDirectories('target', { directories: 0, textLength: 0 });
    expect(() => waiting.add(pair('local'))).not.toThrow();
  });

  it('do not count any more when the walk has left them', () => {
    const waiting = new WaitingDirectories('source', { directories: 1, textLength: 10 });
    for (let index = 0; index < 100; index += 1) {
      const left = pair(`path${index}`);
      waiting.add(left);
      waiting.remove(left);
    }
    expect(() => waiting.add(pair('last'))).not.toThrow();
  });
});
