import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  joinRemotePath,
  foldPath,
  isPortablePath,
  parseRemotePath,
  parseUserPath,
  REMOTE_ROOT,
  splitPath,
} from '../../src/protocol/remote-path.js';

function refusal(text: string): unknown {
  try {
    parseRemotePath(text);
    return undefined;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

const codePoints = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => String.fromCodePoint(from + index));

describe('parseRemotePath', () => {
  test.each([
    'a',
    'a/b/c.txt',
    'my report.txt',
    '日本/größe',
    '.hidden',
    'a..b',
    '...a',
    'CONSOLE',
    'com10',
    'nul1',
    '~',
    '%2e%2e',
  ])('accepts %j unchanged', (text) => expect(parseRemotePath(text)).toBe(text));

  test('rejects an empty path', () => {
    expect(refusal('')).toBe('EILSEQ');
  });

  test.each(['/', '/a', '//a', '/etc/passwd'])('rejects a leading slash: %j', (text) => {
    expect(refusal(text)).toBe('EILSEQ');
  });

  test.each(['a\\b', '\\', '..\\a', 'C:\\a', '\\\\server\\share'])('rejects a backslash: %j', (text) => {
    expect(refusal(text)).toBe('EILSEQ');
  });

  test.each(['.', '..', 'a/..', '../a', 'a/../b', './a', 'a/.', 'a/./b'])(
    'rejects . and .. as a segment: %j',
    (text) => {
      expect(refusal(text)).toBe('EILSEQ');
    },
  );

  test.each(['a//b', 'a/', 'a/b/', 'a///b'])('rejects an empty segment: %j', (text) => {
    expect(refusal(text)).toBe('EILSEQ');
  });

  test('rejects every control character: U+0000 to U+001F and U+007F to U+009F', () => {
    for (const character of [...codePoints(0, 0x1f), ...codePoints(0x7f, 0x9f)]) {
      expect(refusal(`a${character}b`)).toBe('EILSEQ');
    }
  });

  test.each(['a\ud800', '\udc00a', '\udc00\ud800', 'a\ud83d/b'])('rejects a lone surrogate', (text) => {
    expect(refusal(text)).toBe('EILSEQ');
  });

  test('accepts a surrogate pair, which is one character', () => {
    expect(refusal('\u{1f4c4}.txt')).toBeUndefined();
  });

  test.each([
    '10:32.jpg',
    'What?.mp3',
    'a "b".txt',
    'a<b>|*',
    'dot.',
    'space ',
    '...',
    ' ',
    'aux.c',
    'NUL',
    'dir./a',
  ])('accepts a name that only some systems can hold: %j', (text) => {
    expect(refusal(text)).toBeUndefined();
  });

  test('accepts 4,096 bytes of path and 255 of a segment, counted in UTF-8, and rejects one more', () => {
    const long = `${'a/'.repeat(2047)}bc`;
    expect(long).toHaveLength(4096);
    expect(refusal(long)).toBeUndefined();
    expect(refusal(`${long}d`)).toBe('ENAMETOOLONG');
    expect(refusal('a'.repeat(255))).toBeUndefined();
    expect(refusal('a'.repeat(256))).toBe('ENAMETOOLONG');
    expect(refusal('ä'.repeat(127))).toBeUndefined();
    expect(refusal('ä'.repeat(128))).toBe('ENAMETOOLONG');
    expect(refusal('ä/'.repeat(1400))).toBe('ENAMETOOLONG');
  });

  test('rejects a huge path quickly', () => {
    expect(refusal('a/'.repeat(50_000_000))).toBe('ENAMETOOLONG');
  });

  test('returns an accepted path unchanged, which a system resolves below the root', async () => {
    const path = await import('node:path');
    const segment = fc.oneof(
      fc.constantFrom('.', '..', '', 'a', 'b ', '\\', 'C:', 'nul'),
      fc.string({ unit: 'grapheme' }),
    );
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 5 }), (segments) => {
        const text = segments.join('/');
        if (refusal(text) !== undefined) return;
        expect(parseRemotePath(text)).toBe(text);
        expect(path.posix.resolve('/root', text)).toBe(`/root/${text}`);
        if (!isPortablePath(text)) return;
        expect(path.win32.resolve('C:\\root', text)).toBe(`C:\\root\\${text.replaceAll('/', '\\')}`);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('isPortablePath', () => {
  test.each(['a', 'a/b/c.txt', 'my report.txt', '日本/größe', '.hidden', 'CONSOLE', 'com10', 'nul1', '%2e'])(
    'is true for names that every system can hold: %j',
    (text) => {
      expect(isPortablePath(text)).toBe(true);
    },
  );

  test.each(['', '/', '/a', 'a/', '..', 'a/../b', 'a\\b', 'a\0', 'a\ud800', 'a'.repeat(256)])(
    'is false for what is no path: %j',
    (text) => {
      expect(isPortablePath(text)).toBe(false);
    },
  );

  test.each([':', 'C:', 'a:b', 'file.txt:stream', 'a*', 'a?', 'a"b', 'a<b', 'a>b', 'a|b'])(
    'is false for characters that Windows does not allow: %j',
    (text) => {
      expect(isPortablePath(text)).toBe(false);
      expect(isPortablePath(`dir/${text}/x`)).toBe(false);
    },
  );

  test.each(['a.', 'a ', 'a. .', ' ', '...', 'dir./a', 'dir /a'])(
    'is false for a dot or space at the end: %j',
    (text) => {
      expect(isPortablePath(text)).toBe(false);
    },
  );

  const digits = [...Array(10).keys(), '¹', '²', '³'];
  const devices = ['con', 'prn', 'aux', 'nul', ...digits.flatMap((digit) => [`com${digit}`, `lpt${digit}`])];
  test.each(devices)('is false for the device %s in any case, with and without an extension', (device) => {
    const names = [device, device.toUpperCase(), `${device}.txt`, `${device}.tar.gz`, `${device} .txt`];
    for (const name of names) {
      expect(isPortablePath(name)).toBe(false);
      expect(isPortablePath(`dir/${name}`)).toBe(false);
      expect(isPortablePath(`${name}/file`)).toBe(false);
    }
    expect(isPortablePath(`${device}x`)).toBe(true);
    expect(isPortablePath(`x${device}`)).toBe(true);
  });
});

describe('parseUserPath', () => {
  test('removes one leading slash, and reads an empty path and a slash as the root', () => {
    expect(parseUserPath('/a/b')).toBe('a/b');
    expect(parseUserPath('a/b')).toBe('a/b');
    expect(parseUserPath('/')).toBe(REMOTE_ROOT);
    expect(parseUserPath('')).toBe(REMOTE_ROOT);
  });

  test('rejects two leading slashes, and everything else that the wire rejects', () => {
    expect(() => parseUserPath('//a')).toThrow('empty segment');
    expect(() => parseUserPath('/../a')).toThrow('..');
  });

  test('throws a TypeError for a value that is not a string', () => {
    expect(() => parseUserPath(undefined as unknown as string)).toThrow(TypeError);
  });
});

describe('the parts of paths', () => {
  test('splitPath and joinRemotePath are inverse', () => {
    for (const text of ['a', 'a/b', 'a/b/c']) {
      const { directory, name } = splitPath(parseRemotePath(text));
      expect(joinRemotePath(directory, name)).toBe(text);
    }
    expect(splitPath(parseRemotePath('a'))).toEqual({ directory: REMOTE_ROOT, name: 'a' });
    expect(splitPath(parseRemotePath('a/b/c'))).toEqual({ directory: 'a/b', name: 'c' });
  });

  test('the root has no name', () => {
    expect(splitPath(REMOTE_ROOT)).toEqual({ directory: REMOTE_ROOT, name: '' });
  });

  test('joinRemotePath rejects a name with a separator or dots', () => {
    expect(() => joinRemotePath(parseRemotePath('a'), '..')).toThrow('not allowed');
  });

  test('foldPath makes paths equal that differ only in case or in their composition', () => {
    expect(foldPath(parseRemotePath('Dir/A\u0308'))).toBe(foldPath(parseRemotePath('dir/\u00e4')));
    expect(foldPath(parseRemotePath('a'))).not.toBe(foldPath(parseRemotePath('b')));
  });
});
