import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localNameBytes, localNameOf } from '../../../../src/client/directories/names/local-name.js';
import { nameMap, type NameMap } from '../../../../src/client/directories/names/name-map.js';
import { isPortablePath, parseRemotePath } from '../../../../src/index.js';

const encoded = nameMap({ encodeNames: true, platform: 'linux' });
const onWindows = nameMap({ encodeNames: true, platform: 'win32' });
const plain = nameMap({ encodeNames: false, platform: 'linux' });

/** The bytes of names that a POSIX system can hold, with many that have a meaning for one of the functions. */
const localBytes = fc
  .array(fc.oneof(fc.constantFrom(...Buffer.from('%%25C%41a\\\n\x7f')), fc.integer({ min: 1, max: 255 })), {
    minLength: 1,
    maxLength: 60,
  })
  .map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0x2f)))
  .filter((bytes) => bytes.length > 0 && !['.', '..'].includes(bytes.toString()));

/** Names that a server can hold. */
const remoteNames = fc
  .string({
    unit: fc.constantFrom(...Array.from('%25C41aA:*?"<>|. n'), 'ul', 'con', 'é', '\u{1f600}'),
    minLength: 1,
    maxLength: 20,
  })
  .filter((name) => {
    try {
      return !name.includes('/') && parseRemotePath(name) === name;
    } catch {
      return false;
    }
  });

describe('the string of a local name', () => {
  it('gives its bytes back, whatever they are', () => {
    fc.assert(fc.property(localBytes, (bytes) => localNameBytes(localNameOf(bytes)).equals(bytes)));
  });

  it('is well-formed exactly if the bytes are UTF-8', () => {
    expect(localNameOf(Buffer.from('é😀'))).toBe('é😀');
    expect(localNameOf(Buffer.from([0x61, 0xff, 0xc3, 0xa9, 0xed, 0xa0, 0x80]))).toBe(
      'a\udcffé\udced\udca0\udc80',
    );
  });
});

describe('an encoded name', () => {
  it('is one that a server accepts, and gives the local name back', () => {
    fc.assert(
      fc.property(localBytes, (bytes) => {
        const name = localNameOf(bytes);
        const remote = encoded.toRemote(name) as string;
        expect(parseRemotePath(remote)).toBe(remote);
        expect(encoded.toLocal(remote)).toBe(name);
      }),
    );
  });

  it('is one that Windows can hold, and gives the name on the server back', () => {
    fc.assert(
      fc.property(remoteNames, (name) => {
        const local = onWindows.toLocal(name) as string;
        expect(isPortablePath(local)).toBe(true);
        expect(onWindows.toRemote(local)).toBe(name);
      }),
    );
  });

  it('belongs to one name only: any other way to write it is refused', () => {
    fc.assert(
      fc.property(remoteNames, (remote) => {
        const local = encoded.toLocal(remote);
        expect(local === undefined || encoded.toRemote(local) === remote).toBe(true);
      }),
    );
    expect(['%41', '%2F', '%00', '%2E', '%5c', '%5C'].map((name) => encoded.toLocal(name))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      '%5c',
      '\\',
    ]);
  });

  it.each([
    [encoded, 'plain.txt', 'plain.txt'],
    [encoded, 'a\\b\n', 'a%5Cb%0A'],
    [encoded, '100%', '100%'],
    [encoded, '100%25', '100%2525'],
    [encoded, '\udcff', '%FF'],
    [encoded, '\u0085', '%C2%85'],
    [plain, 'a\\b', undefined],
    [plain, '\udcff', undefined],
  ] as [NameMap, string, string | undefined][])('of %o: %j is %j', (map, local, remote) => {
    expect(map.toRemote(local)).toBe(remote);
  });

  it.each([
    ['a:b', 'a%3Ab'],
    ['nul.txt', '%6Eul.txt'],
    ['COM1', '%43OM1'],
    ['dots..', 'dots.%2E'],
    ['space ', 'space%20'],
  ])('on Windows of %j is %j', (remote, local) => {
    expect(onWindows.toLocal(remote)).toBe(local);
    expect(nameMap({ encodeNames: false, platform: 'win32' }).toLocal(remote)).toBeUndefined();
  });

  it('of 255 bytes has no room: it is refused', () => {
    expect(encoded.toRemote(`${'x'.repeat(254)}\\`)).toBeUndefined();
    expect(encoded.toRemote('x'.repeat(255))).toBe('x'.repeat(255));
  });
});
