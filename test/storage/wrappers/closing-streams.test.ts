import { Readable, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { MemoryStorage, storageFromStreams } from '../../../src/index.js';
import { parseRemotePath } from '../../../src/protocol/remote-path.js';

describe('a write to a stream that never calls back', () => {
  it.each([
    ['an error', Object.assign(new Error('gone'), { code: 'ENOSPC' }), 'ENOSPC'],
    ['no error', undefined, 'EIO'],
  ])('rejects when the stream is destroyed with %s', async (_what, error, code) => {
    const memory = new MemoryStorage();
    const storage = storageFromStreams({
      stat: (path) => memory.stat(path),
      list: (path, options) => memory.list(path, options),
      createReadStream: () => Readable.from([]),
      createWriteStream: () => {
        const stream: Writable = new Writable({
          write: () => void setImmediate(() => stream.destroy(error)),
        });
        return stream;
      },
    });
    const pending = await storage.write?.(parseRemotePath('a'), { overwrite: true });
    await expect(pending?.write([Buffer.from('a')])).rejects.toMatchObject({ code });
  });
});
