import { describe, expect, test } from 'vitest';
import { entryFields, parseEntry, type FileEntry } from '../../src/protocol/entry.js';
import { parseRemotePath, REMOTE_ROOT } from '../../src/protocol/remote-path.js';

const file: FileEntry = {
  path: parseRemotePath('docs/a.txt'),
  kind: 'file',
  size: 5,
  mtime: new Date(1_700_000_000_123),
  etag: '1f-5',
};
const directory: FileEntry = {
  path: parseRemotePath('docs'),
  kind: 'directory',
  size: 0,
  mtime: new Date(0),
};

describe('an entry', () => {
  test.each([file, directory, { ...directory, path: REMOTE_ROOT }])(
    'is the same after it was fields of a frame',
    (entry) => {
      expect(parseEntry(entryFields(entry))).toEqual(entry);
    },
  );

  test('is carried with whole milliseconds, and with none before 1970', () => {
    expect(entryFields({ ...file, mtime: new Date(-5) }).mtime).toBe(0);
    expect(entryFields({ ...file, mtime: new Date(5.9) }).mtime).toBe(5);
  });

  test('has a time of change that a Date can hold, EPROTO otherwise', () => {
    const latest = parseEntry({ path: 'a', kind: 'file', mtime: 8_640_000_000_000_000 });
    expect(latest.mtime.toISOString()).toBe('+275760-09-13T00:00:00.000Z');
    expect(() => parseEntry({ path: 'a', kind: 'file', mtime: 8_640_000_000_000_001 })).toThrow(
      expect.objectContaining({ code: 'EPROTO' }),
    );
  });

  test('tells no size and no etag of a directory', () => {
    expect(entryFields({ ...directory, size: 4096, etag: 'x' })).toEqual({
      path: 'docs',
      kind: 'directory',
      mtime: 0,
    });
  });

  test.each([undefined, '', 'symlink', 'File'])('is refused with EPROTO where its kind is %j', (kind) => {
    expect(() => parseEntry({ path: 'a', kind })).toThrow(expect.objectContaining({ code: 'EPROTO' }));
  });

  test.each(['../a', '/etc/passwd', 'a\\b', 'a//b', 'nul'])(
    'is refused where a peer gives it the path %j',
    (path) => {
      expect(() => parseEntry({ path, kind: 'file' })).toThrow(expect.objectContaining({ code: 'EILSEQ' }));
    },
  );

  test('without a path is the root', () => {
    expect(parseEntry({ kind: 'directory' })).toEqual({ ...directory, path: REMOTE_ROOT });
  });
});
