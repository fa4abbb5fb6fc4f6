import { describe, expect, it } from 'vitest';
import { formBoundary, FormParser } from '../../../src/server/http/uploads/form-parser.js';

const BODY =
  'a preamble\r\n--b\r\n' +
  'Content-Disposition: form-data; name="overwrite"\r\n\r\nyes\r\n--b\r\n' +
  'Content-Type: text/plain\r\ncontent-disposition: form-data; name="f"; filename="a \\"q\\" %22.txt"\r\n\r\n' +
  'line\r\n--\r\n--c\r\n\r\n--b\r\n' +
  'Content-Disposition: form-data; filename="empty"; name="g"\r\n\r\n\r\n--b--\r\nan epilogue';

async function* inPieces(text: string, bytes: number): AsyncGenerator<Buffer> {
  const body = Buffer.from(text);
  for (let at = 0; at < body.length; at += bytes) yield body.subarray(at, at + bytes);
}

async function parse(text: string, bytes = 7): Promise<unknown[]> {
  const parts: unknown[] = [];
  for await (const { name, fileName, pieces } of new FormParser(inPieces(text, bytes), 'b').parts()) {
    let value = '';
    for await (const piece of pieces) value += piece.toString();
    parts.push([name, fileName, value]);
  }
  return parts;
}

describe('a form', () => {
  it.each([1, 2, 3, 5, 7, 64, 1_000])('has the same parts in pieces of %d bytes', async (bytes) => {
    expect(await parse(BODY, bytes)).toEqual([
      ['overwrite', undefined, 'yes'],
      ['f', 'a "q" ".txt', 'line\r\n--\r\n--c\r\n'],
      ['g', 'empty', ''],
    ]);
  });

  it('passes over a part that is not read', async () => {
    const names: string[] = [];
    for await (const { name } of new FormParser(inPieces(BODY, 4), 'b').parts()) names.push(name);
    expect(names).toEqual(['overwrite', 'f', 'g']);
  });

  it('may have no part', async () => {
    expect(await parse('--b--')).toEqual([]);
  });

  it('fails wherever it is cut', async () => {
    const end = BODY.indexOf('--b--') + 5;
    for (let length = 0; length < end; length += 3)
      await expect(parse(BODY.slice(0, length))).rejects.toMatchObject({ code: 'EINVAL' });
  });

  it('fails if a head is too long', async () => {
    await expect(parse(`--b\r\n${'x'.repeat(9_000)}`)).rejects.toMatchObject({ code: 'EMSGSIZE' });
  });
});

it.each([
  ['multipart/form-data; boundary=abc', 'abc'],
  ['multipart/form-data;charset=utf-8; boundary="a b;c"', 'a b;c'],
  ['Multipart/Form-Data; BOUNDARY=abc; x=y', 'abc'],
  ['multipart/form-data', undefined],
  ['multipart/mixed; boundary=abc', undefined],
  [`multipart/form-data; boundary=${'a'.repeat(71)}`, undefined],
  [undefined, undefined],
])('the boundary of %j is %j', (type, boundary) => {
  expect(formBoundary(type)).toBe(boundary);
});
