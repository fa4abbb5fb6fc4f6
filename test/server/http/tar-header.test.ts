import { describe, expect, it } from 'vitest';
import { tarHeader, tarPadding, type TarEntry } from '../../../src/server/http/archives/tar-header.js';

const entry: TarEntry = {
  path: 'files/a.txt',
  kind: 'file',
  size: 5,
  mtime: new Date('2020-01-02T03:04:05.678Z'),
  mode: 0o640,
};

function text(block: Buffer, from: number, bytes: number): string {
  return block.toString('latin1', from, from + bytes);
}

describe('a header of tar', () => {
  it('is a block whose fields are those of ustar', () => {
    const block = tarHeader(entry);
    expect(block).toHaveLength(512);
    expect(text(block, 0, 12)).toBe('files/a.txt\0'); // name
    expect(text(block, 100, 8)).toBe('0000640\0'); // mode
    expect(text(block, 124, 12)).toBe('00000000005\0'); // size
    expect(text(block, 136, 12)).toBe('13603256645\0'); // time, in seconds
    expect(text(block, 156, 1)).toBe('0'); // type
    expect(text(block, 257, 8)).toBe('ustar\x0000'); // magic and version
    const sum = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
    expect(text(block, 148, 8)).toBe(`${sum.toString(8).padStart(6, '0')}\0 `);
  });

  it('divides a long path at a slash', () => {
    const path = `${'d'.repeat(80)}/${'e'.repeat(60)}/${'f'.repeat(90)}`;
    const block = tarHeader({ ...entry, path });
    expect(block).toHaveLength(512);
    expect(text(block, 0, 91)).toBe(`${'f'.repeat(90)}\0`);
    expect(text(block, 345, 142)).toBe(`${'d'.repeat(80)}/${'e'.repeat(60)}\0`);
  });

  it.each([
    ['a name that is not ASCII', { path: 'files/ü.txt' }, '21 path=files/ü.txt\n'],
    ['a path that cannot be divided', { path: 'a'.repeat(101) }, `111 path=${'a'.repeat(101)}\n`],
    ['a file of 8 GiB', { size: 2 ** 33 }, '19 size=8589934592\n'],
    ['a time before 1970', { mtime: new Date(-2_000) }, '12 mtime=-2\n'],
  ])('has a header of pax before it for %s', (_, change, record) => {
    const blocks = tarHeader({ ...entry, ...change });
    expect(blocks).toHaveLength(3 * 512);
    expect(text(blocks, 156, 1)).toBe('x');
    expect(blocks.toString('utf8', 512, 1024).replace(/\0+$/, '')).toBe(record);
    expect(text(blocks, 1024 + 257, 5)).toBe('ustar');
  });

  it('counts the digits of a record in its length', () => {
    // 97 bytes without the length: with two digits 99, with three 100 would be wrong.
    for (let length = 85; length < 105; length++) {
      const blocks = tarHeader({ ...entry, path: `ü${'a'.repeat(length)}` });
      const record = blocks.toString('utf8', 512, 1024).replace(/\0+$/, '');
      expect(Number.parseInt(record, 10)).toBe(Buffer.byteLength(record));
    }
  });
});

it.each([
  [0, 0],
  [1, 511],
  [512, 0],
  [513, 511],
])('a file of %d bytes is followed by %d zeros', (size, zeros) => {
  expect(tarPadding(size)).toEqual(Buffer.alloc(zeros));
});
