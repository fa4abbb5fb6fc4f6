/** writeFile() of text and bytes: one round trip, resumed from memory, and never stored by halves. */
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { answering } from '../../support/servers/answering.js';
import { bytesOf } from '../../support/bytes.js';
import { clientAt, scripted } from '../../support/servers/scripted.js';
import { serveFiles } from '../../support/servers/serve.js';
import { clientOf } from '../../support/servers/small-uploads.js';
import { SESSION_WELCOME } from '../../support/servers/unfriendly.js';

const bytes = bytesOf(300_000);
const CHECKSUM = `crc32:${crc32(bytes).toString(16).padStart(8, '0')}`;
const STORED = `result id=ID path=file kind=file size=300000 mtime=1 bytes=300000 checksum=${CHECKSUM}\n`;
const stored = { path: 'file', size: 300_000, checksum: CHECKSUM };

describe('an upload from memory', () => {
  it('is sent before the server answers, with its size and its end', async () => {
    const end = `result id=ID path=file kind=file size=5 mtime=1 bytes=5 checksum=crc32:3610a686\n`;
    const small = await answering({ opens: [], end });
    await expect(clientOf(small.port).writeFile('file', 'hello')).resolves.toMatchObject({ size: 5 });
    expect(small.opens[0]).toContain('size=5');
    expect(small.opens[0]).not.toContain('offset=');
    expect(small.ends).toHaveLength(1);
  });

  it.each([0, 1, 200_000, 300_000])('continues after a cut from byte %i', async (offset) => {
    const accept = `accept id=1 path=file offset=${offset} window=9000000 checksum=crc32\n`;
    const { port, connections } = await scripted(
      'open ',
      (connection, socket) => {
        if (connection === 1) return void socket.end();
        socket.write(accept);
        let text = '';
        socket.on('data', (chunk) => {
          text += chunk.toString('latin1');
          if (/^end id=1 /m.test(text)) socket.write(STORED.replace('ID', '1'));
        });
      },
      SESSION_WELCOME,
    );
    await expect(clientAt(port).writeFile('file', bytes)).resolves.toMatchObject(stored);
    expect(connections()).toBe(2);
  });

  it('fails with EBADMSG if another size was announced, and stores nothing', async () => {
    const { connect } = await serveFiles();
    const client = connect();
    for (const data of ['text', bytes]) {
      const writing = client.writeFile('file', data, { size: 3 });
      await expect(writing).rejects.toMatchObject({ code: 'EBADMSG', path: 'file', retryable: false });
    }
    expect(await client.exists('file')).toBe(false);
    await client.writeFile('file', 'text', { size: 4 });
    expect(await client.readFile('file', 'utf8')).toBe('text');
  });

  it('sets outcomeUnknown if only the answer was lost', async () => {
    const { port } = await scripted('end ', (_connection, socket) => void socket.end());
    const writing = clientAt(port, { reconnect: false }).writeFile('file', 'hello');
    await expect(writing).rejects.toMatchObject({ operation: 'upload', path: 'file', outcomeUnknown: true });
  });

  it('does not set outcomeUnknown if its end was not sent', async () => {
    const { port } = await scripted('open ', (_connection, socket) => void socket.end());
    const writing = clientAt(port, { reconnect: false }).writeFile('file', bytes);
    await expect(writing).rejects.toMatchObject({ code: 'ECONNRESET', outcomeUnknown: false });
  });
});
