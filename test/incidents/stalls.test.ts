/**
 * rsync, vsftpd, ftp-srv: lines of 64 MiB, and stalls, before a login; and input that was echoed. The
 * limits of a login are in `test/integration/access/pending-logins.test.ts`.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { serveFiles, serve } from '../support/servers/serve.js';
import { MemoryStorage } from '../../src/index.js';
import { Wire } from '../support/frames/wire.js';

describe('rsync, vsftpd, ftp-srv: before a hello', () => {
  it.each(['hello agent=', '{"type":"hello","agent":"', '<hello agent="', 'x', '\n'])(
    'a line that begins with %j and does not end closes the connection',
    async (beginning) => {
      const { server, port, connect: client } = await serveFiles({ file: 'served' });
      const socket = connect({ port, host: '127.0.0.1' });
      socket.on('error', () => undefined);
      const closed = once(socket, 'close');
      let answer = '';
      socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
      socket.write(beginning);
      const line = Buffer.alloc(65_536, 'echo');
      const more = (): void => {
        while (!socket.destroyed && socket.bytesWritten < 64 * 1024 * 1024 && socket.write(line));
      };
      socket.on('drain', more);
      more();
      expect(await client().readFile('file', 'utf8')).toBe('served');
      await closed;
      expect(answer).not.toContain('echo');
      expect(server.stats()).toMatchObject({ activeRequests: 0, failedRequests: 0 });
    },
  );

  it('a stalled connection is closed, even if single bytes arrive', async () => {
    const { port } = await serve({ storage: new MemoryStorage(), timeouts: { handshakeMs: 300 } });
    const wire = await Wire.connect(port);
    wire.send('hello version=1 agent=');
    const dripping = setInterval(() => wire.send('drip'), 20);
    const said = await wire.rest();
    clearInterval(dripping);
    expect(said).toMatch(/ETIMEDOUT/);
    expect(said).not.toContain('drip');
  });
});
