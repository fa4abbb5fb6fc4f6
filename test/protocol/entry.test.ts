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

describe('a file entry', () => {
  test.each([file, directory, { ...directory, path: REMOTE_ROOT }])(
    'is unchanged after a conversion to fields of a frame and back',
    (entry) => {
      expect(parseEntry(entryFields(entry))).toEqual(entry);
    },
  );

  test.each([-8.64e15, -5, -1, 0, 8.64e15])('keeps the time %d, also before 1970', (ms) => {
    const fields = entryFields({ ...file, mtime: new Date(ms) });
    expect(fields.mtime).toBe(ms);
    expect(parseEntry(fields).mtime).toEqual(new Date(ms));
  });

  test('is sent with whole milliseconds, and not without a valid time', () => {
    expect(entryFields({ ...file, mtime: new Date(5.9) }).mtime).toBe(5);
    expect(() => entryFields({ ...file, mtime: new Date(NaN) })).toThrow(
      expect.objectContaining({ code: 'EIO' }),
    );
  });

  test('has a modification time in the range of Date, or is EPROTO', () => {
    const latest = parseEntry({ path: 'a', kind: 'file', size: 1, mtime: 8_640_000_000_000_000 });
    expect(latest.mtime.toISOString()).toBe('+275760-09-13T00:00:00.000Z');
    for (const mtime of [8_640_000_000_000_001, -8_640_000_000_000_001]) {
      expect(() => parseEntry({ path: 'a', kind: 'file', size: 1, mtime })).toThrow(
        expect.objectContaining({ code: 'EPROTO' }),
      );
    }
  });

  test('of a directory has no size and no etag', () => {
    expect(entryFields({ ...directory, size: 4096, etag: 'x' })).toEqual({
      path: 'docs',
      kind: 'directory',
      mtime: 0,
    });
  });

  test.each([undefined, '', 'symlink', 'File'])('is rejected with EPROTO if its kind is %j', (kind) => {
    expect(() => parseEntry({ path: 'a', kind, size: 1, mtime: 1 })).toThrow(
      expect.objectContaining({ code: 'EPROTO' }),
    );
  });

  test.each(['../a', '/etc/passwd', 'a\\b', 'a//b', 'a/'])(
    'is rejected if a peer sends the path %j',
    (path) => {
      expect(() => parseEntry({ path, kind: 'file', size: 1, mtime: 1 })).toThrow(
        expect.objectContaining({ code: 'EILSEQ' }),
      );
    },
  );

  test('without a path is the root', () => {
    expect(parseEntry({ kind: 'directory', mtime: 0 })).toEqual({ ...directory, path: REMOTE_ROOT });
  });

  test.each([
    ['a file without a size', { kind: 'file', mtime: 1 }],
    ['a file without an mtime', { kind: 'file', size: 1 }],
    ['a directory without an mtime', { kind: 'directory' }],
    ['a file with an empty etag', { kind: 'file', size: 1, mtime: 1, etag: '' }],
  ])('is rejected with EPROTO: %s', (_what, fields) => {
    expect(() => parseEntry({ path: 'a', ...fields })).toThrow(expect.objectContaining({ code: 'EPROTO' }));
  });

  test('is rejected with EPROTO if it has another kind than expected', () => {
    const fields = { path: 'a', kind: 'directory', mtime: 1 };
    expect(() => parseEntry(fields, 'file')).toThrow(expect.objectContaining({ code: 'EPROTO' }));
    expect(parseEntry(fields, 'directory').kind).toBe('directory');
  });

  test('of a directory has neither the size nor the etag that a peer sends', () => {
    const entry = parseEntry({ path: 'a', kind: 'directory', size: 7, mtime: 1, etag: 'x' });
    expect(entry).toEqual({ path: 'a', kind: 'directory', size: 0, mtime: new Date(1) });
  });
});
