import { createHash } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FileClient } from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import { answering } from '../../support/servers/answering.js';
import { serve, storageOf } from '../../support/servers/serve.js';

const bytes = bytesOf(700_000);

describe('the checksum of the beginning of a file', () => {
  it.each(['text', 'json', 'xml', 'binary'] as const)(
    'is that of as many bytes as asked for (%s)',
    async (codec) => {
      const { connect } = await serve({ storage: await storageOf({ file: bytes }) });
      const client = connect({ codec });
      for (const length of [0, 1, 300_000, 700_000, 900_000]) {
        const sum = createHash('sha256').update(bytes.subarray(0, length)).digest('hex');
        expect(await client.checksum('file', 'sha256', { length })).toBe(`sha256:${sum}`);
      }
    },
  );

  it('is EPROTO if the server has sent that of the whole file', async () => {
    const result = `result id=ID size=700000 checksum=sha256:${'0'.repeat(64)}\n`;
    const { port } = await answering({ opens: [result] });
    const client = new FileClient({ port, codec: 'text' });
    onTestFinished(() => client.destroy());
    const checksum = client.checksum('file', 'sha256', { length: 5 });
    await expect(checksum).rejects.toMatchObject({ code: 'EPROTO' });
  });

  it('is refused with a TypeError for a number of bytes that cannot be', async () => {
    const { connect } = await serve({ storage: await storageOf({ file: bytes }) });
    for (const length of [-1, 1.5, NaN])
      await expect(connect().checksum('file', 'sha256', { length })).rejects.toThrow(TypeError);
  });
});
