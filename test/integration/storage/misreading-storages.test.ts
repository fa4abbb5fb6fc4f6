/** Storages that misread, and readers that ask while they are given. */
import { describe, expect, it } from 'vitest';
import { MemoryStorage, type StoredFile } from '../../../src/index.js';
import { builtinCodecs } from '../../../src/codecs/builtin.js';
import { ClientSession } from '../../../src/session/client-session.js';
import { Endpoint } from '../../../src/session/transport/endpoint.js';
import { type TransferError } from '../../../src/errors.js';
import { DEFAULT_WINDOW_BYTES } from '../../../src/protocol/limits.js';
import { bytesOf } from '../../support/bytes.js';
import { serve } from '../../support/servers/serve.js';
import { settings } from '../../support/doubles/sessions.js';
import { WELCOME, storageWith } from '../../support/servers/unfriendly.js';
import { until } from '../../support/until.js';

describe('a download', () => {
  it('keeps the order of bytes for a reader that calls read() within a callback', async () => {
    const { server, connect } = await serve({ storage: new MemoryStorage() });
    const client = connect();
    const bytes = bytesOf(3_000_000);
    await client.writeFile('x', bytes);
    const download = client.download('x');
    const pieces: Buffer[] = [];
    const over = new Promise((resolve) => {
      download.once('end', () => resolve('end'));
      download.once('error', resolve);
    });
    await download.entry;
    // The reader gets pending bytes, so a whole window must be pending: bytes sent before a pong have arrived.
    await until(() => server.stats().bytesSent >= DEFAULT_WINDOW_BYTES);
    await client.ping();
    download.on('data', (piece: Buffer) => {
      pieces.push(piece);
      download.read(0);
    });
    expect(await over).toBe('end');
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
  });

  it('over an endpoint keeps the order of bytes for a reader that calls read() within a callback', async () => {
    const session = new ClientSession(builtinCodecs.text, settings, {});
    const endpoint = new Endpoint(session);
    let text = '';
    endpoint.on('data', (piece: Buffer) => {
      text += piece.toString();
      endpoint.read(0);
    });
    await until(() => text.endsWith('\n'));
    endpoint.write(WELCOME);
    const channel = session.request({ op: 'upload', path: 'x' }, 'nothing', { onClose: () => undefined });
    channel.send([Buffer.alloc(10_000, 97), Buffer.alloc(10_000, 98), Buffer.alloc(10_000, 99)], () =>
      channel.send([Buffer.alloc(5_000, 100), Buffer.alloc(5_000, 101)], () => undefined),
    );
    await until(() => text.endsWith('\n') && text.length > 40_000);
    endpoint.destroy();
    const runs = text
      .replace(/^hello.*\n/, '')
      .replace(/(open|data) id=.*\n/g, (line) => (line[0] === 'o' ? 'O' : 'H'))
      .replace(/([a-e])\1+/g, '$1');
    expect(runs).toBe('OHabc\nHde\n');
  });

  it('fails when a storage resolves a read with something other than a count, and sends nothing', async () => {
    const wrong: unknown[] = [undefined, -1, NaN, 1.5, 2 ** 40, { bytesRead: 1_000 }];
    for (const count of wrong) {
      const storage = storageWith({
        read: (path) =>
          Promise.resolve({
            entry: { path, kind: 'file', size: 1_000, mtime: new Date(), etag: 'e' },
            read: () => Promise.resolve(count as number),
            etag: () => Promise.resolve('e'),
            close: () => Promise.resolve(),
          } satisfies StoredFile),
      });
      const { connect } = await serve({ storage });
      const outcome: unknown = await connect()
        .readFile('x')
        .catch((error: unknown) => (error as TransferError).code);
      expect(outcome, `read() resolved with ${String(count)}`).toBe('EIO');
    }
  });

  it('fails when a storage misreads a file during a checksum', async () => {
    const storage = storageWith({
      read: (path) =>
        Promise.resolve({
          entry: { path, kind: 'file', size: 1_000, mtime: new Date(), etag: 'e' },
          read: () => Promise.resolve(undefined as unknown as number),
          etag: () => Promise.resolve('e'),
          close: () => Promise.resolve(),
        } satisfies StoredFile),
    });
    const { connect } = await serve({ storage });
    await expect(connect().checksum('x', 'crc32')).rejects.toMatchObject({ code: 'EIO' });
  });
});
