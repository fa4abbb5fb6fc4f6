/** Peers that send wrong running checksums, or find every body damaged: the client gives up after a few attempts. */
import { once } from 'node:events';
import fs from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { FileClient } from '../../../src/index.js';
import { clientAt } from '../../support/servers/scripted.js';
import { temporaryDirectory } from '../../support/servers/serve.js';
import { WELCOME } from '../../support/servers/unfriendly.js';

const SIZE = 200_000;
const ZEROS = '\0'.repeat(50_000);

/** A client of a server that gives this answer to each `open`; `answer` gets its id and line. */
async function place(answer: (id: string, open: string) => string) {
  const opens: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write(WELCOME);
    let rest = '';
    socket.on('data', (chunk) => {
      const lines = (rest + chunk.toString('latin1')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const id = /^open id=(\d+) /.exec(line)?.[1];
        const cancelled = /^cancel id=(\d+)/.exec(line)?.[1];
        if (id !== undefined) {
          opens.push(line);
          socket.write(answer(id, line));
        } else if (cancelled !== undefined) socket.write(`error code=ECANCELED id=${cancelled}\n`);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = clientAt((server.address() as AddressInfo).port);
  onTestFinished(() => {
    client.destroy();
    server.close();
  });
  return { client, opens, directory: await temporaryDirectory() };
}

const data = (id: string, checksum: string): string =>
  `data id=${id} length=${ZEROS.length}${checksum && ` checksum=${checksum}`}\n${ZEROS}\n`;

function falseDownload(id: string, checksum: string): string {
  const accept = `accept id=${id} path=file kind=file offset=0 size=${SIZE} mtime=1 etag=v1 checksum=crc32\n`;
  return accept + data(id, '') + data(id, checksum);
}

describe('a server that sends false running checksums', () => {
  it.each([
    ['EBADMSG', 'crc32:00000000', 4],
    ['EPROTO', 'sha256:00', 1],
  ])('is given up with %s (%s)', async (code, checksum, attempts) => {
    const { client, opens, directory } = await place((id) => falseDownload(id, checksum));
    await expect(client.downloadFile('file', path.join(directory, 'file'))).rejects.toMatchObject({ code });
    expect(opens).toHaveLength(attempts);
    expect(await fs.readdir(directory)).not.toContain('file');
    // No other request of the connection has failed.
    expect(client.state.status).toBe('connected');
  });

  it('does not make a stream ask again', async () => {
    const { client, opens } = await place((id) => falseDownload(id, 'crc32:00000000'));
    await expect(client.readFile('file')).rejects.toMatchObject({ code: 'EBADMSG' });
    expect(opens).toHaveLength(1);
  });
});

describe('a server that finds every upload damaged', () => {
  const refusal = (id: string, open: string): string => {
    const offset = /offset=\d+/.test(open) ? ' offset=0' : '';
    return `accept id=${id} path=file window=100000 checksum=crc32${offset}\nerror code=EBADMSG id=${id} retryable=true\n`;
  };
  const upload = {
    writeFile: (client: FileClient) => client.writeFile('file', Buffer.alloc(SIZE)),
    uploadFile: async (client: FileClient, directory: string) => {
      await fs.writeFile(path.join(directory, 'source'), Buffer.alloc(SIZE));
      return client.uploadFile(path.join(directory, 'source'), 'file');
    },
  };

  it.each(['writeFile', 'uploadFile'] as const)('is given up (%s)', async (method) => {
    const { client, opens, directory } = await place(refusal);
    await expect(upload[method](client, directory)).rejects.toMatchObject({ code: 'EBADMSG' });
    expect(opens).toHaveLength(3);
  });
});
