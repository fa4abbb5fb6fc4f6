/** A user-defined storage around a directory that changes the bytes it reads: every byte goes through it. */
import { expect, it } from 'vitest';
import { DirectoryStorage, type Storage } from '../../../src/index.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';
import fs from 'node:fs';
import path from 'node:path';

/** Returns the content in capitals, as a decrypting storage would return plain text. */
function capitals(inner: DirectoryStorage): Storage {
  return {
    stat: (at) => inner.stat(at),
    list: (at, options) => inner.list(at, options),
    read: async (at) => {
      const file = await inner.read(at);
      return {
        ...file,
        read: async (target, position) => {
          const bytes = await file.read(target, position);
          target.set(Buffer.from(Buffer.from(target.subarray(0, bytes)).toString().toUpperCase()));
          return bytes;
        },
        etag: () => file.etag(),
        close: () => file.close(),
      };
    },
  };
}

it.each([100, 100_000])(
  'a file of %i bytes is sent as its storage wrapper reads it, without another call',
  async (size) => {
    const root = await temporaryDirectory();
    fs.writeFileSync(path.join(root, 'x'), 'a'.repeat(size));
    const client = (await serve({ storage: capitals(new DirectoryStorage(root)) })).connect();
    for (let i = 0; i < 3; i++) expect((await client.readFile('x', 'utf8')).slice(0, 10)).toBe('AAAAAAAAAA');
  },
);
