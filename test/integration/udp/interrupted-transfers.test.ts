/** Transfers over UDP that end in the middle: cancelled, closed, or of files that change. No byte follows, in any codec. */
import { once } from 'node:events';
import { appendFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { TransferError, type Progress } from '../../../src/index.js';
import { syncWriter } from '../../../src/client/local/partial-download/partial-download.js';
import { bytesOf } from '../../support/bytes.js';
import { codecNames } from '../../support/frames/frame-wire.js';
import { systemError } from '../../support/local-files/local-place.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';
import { udpPorts } from '../../support/udp/udp-ports.js';
import { until } from '../../support/until.js';

const MIB = 1024 * 1024;
const SIZE = 8 * MIB;
const bytes = bytesOf(SIZE);

/** A server of a directory with the file `big`, and a client with UDP. */
async function served(codec: (typeof codecNames)[number]) {
  const [root, local] = [await temporaryDirectory(), await temporaryDirectory()];
  await writeFile(path.join(root, 'big'), bytes);
  await writeFile(path.join(local, 'mine'), bytes);
  const { server, connect } = await serve({ root, udp: true });
  const client = connect({ codec, transport: 'udp', udp: { maxRate: 30_000_000 } });
  const names = async (directory: string) => (await readdir(directory)).sort();
  return { root, local, server, client, names };
}

type Place = Awaited<ReturnType<typeof served>>;

/** Runs a function when a quarter of the file has moved. */
function inTheMiddle(run: () => void): { onProgress: (progress: Progress) => void } {
  let hasRun = false;
  return {
    onProgress: ({ bytes: now }) => {
      if (hasRun || now < SIZE / 4) return;
      hasRun = true;
      run();
    },
  };
}

const ways = {
  upload: ({ client, local }: Place, options: object) =>
    client.uploadFile(path.join(local, 'mine'), 'new', options),
  download: ({ client, local }: Place, options: object) =>
    client.downloadFile('big', path.join(local, 'copy'), options),
};

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: unknown) => TransferError.from(error).code,
  );
}

function udpBytes({ server }: Place): number {
  const { udpBytesReceived, udpBytesSent } = server.stats();
  return udpBytesReceived + udpBytesSent;
}

describe.each(codecNames)('over UDP in %s', (codec) => {
  it.each(['upload', 'download'] as const)(
    'a cancelled %s ends, no more of it is sent, and the next file takes the same path',
    async (way) => {
      const place = await served(codec);
      const { client, server, root, names } = place;
      const controller = new AbortController();
      const { signal } = controller;
      const cancelled = ways[way](place, { signal, ...inTheMiddle(() => controller.abort()) });
      expect(await codeOf(cancelled)).toBe('ECANCELED');
      await until(() => server.stats().activeRequests === 0);
      // An answer shows that the server has handled the cancel.
      await client.ping();
      const moved = udpBytes(place);
      expect(moved).toBeLessThan(SIZE);
      await client.ping();
      expect(udpBytes(place)).toBe(moved);
      expect((await names(root)).filter((name) => !name.startsWith('.'))).toEqual(['big']);
      expect(bytes.equals(await client.readFile('big'))).toBe(true);
      expect(server.stats().udpBytesSent).toBeGreaterThanOrEqual(SIZE);
      expect(client.stats()).toMatchObject({ fallbacks: 0, totalConnections: 1 });
    },
  );

  it.each(['upload', 'download'] as const)('close() lets a %s end over UDP', async (way) => {
    const place = await served(codec);
    const { client, server } = place;
    let closed: Promise<void> | undefined;
    const transfer = ways[way](
      place,
      inTheMiddle(() => {
        closed = client.close({ graceMs: 60_000 });
      }),
    );
    expect(await codeOf(transfer)).toBe('done');
    await closed;
    expect(udpBytes(place)).toBeGreaterThanOrEqual(SIZE);
    expect(client.stats().fallbacks).toBe(0);
    await until(() => server.stats().connections === 0);
    expect(server.stats()).toMatchObject({ udpPaths: 0, activeRequests: 0, failedRequests: 0 });
  });

  it.each(['client', 'server'] as const)(
    'close() of the %s without a grace period ends both ways and frees the ports',
    async (end) => {
      const place = await served(codec);
      const { client, server } = place;
      const before = udpPorts().length;
      await client.connect();
      const codes = Promise.all([
        codeOf(ways.upload(place, {})),
        codeOf(
          ways.download(
            place,
            inTheMiddle(() => void (end === 'client' ? client : server).close({ graceMs: 0 })),
          ),
        ),
      ]);
      if (end === 'server') {
        await once(client, 'disconnect');
        client.destroy();
      }
      for (const code of await codes) expect(code).toBe('ESHUTDOWN');
      await until(() => server.stats().connections === 0 && udpPorts().length === before);
      await until(() => server.stats().activeRequests === 0);
      expect(server.stats().udpPaths).toBe(0);
      expect(udpBytes(place)).toBeLessThan(2 * SIZE);
    },
  );

  it('a file that changes during its download is ESTALE, and leaves nothing', async () => {
    const place = await served(codec);
    const { root, local, names } = place;
    let changed: Promise<void> | undefined;
    const download = ways.download(
      place,
      inTheMiddle(() => {
        changed = appendFile(path.join(root, 'big'), 'more');
      }),
    );
    expect(await codeOf(download)).toBe('ESTALE');
    await changed;
    expect(await names(local)).toEqual(['mine']);
    expect(place.client.stats().fallbacks).toBe(0);
  });

  it('a full disk at the client fails the download with ENOSPC, and a later call continues it', async () => {
    const place = await served(codec);
    const written = syncWriter.write.bind(syncWriter);
    let left = 20;
    const write = vi.spyOn(syncWriter, 'write').mockImplementation((...given) => {
      if (left-- === 0) throw systemError('ENOSPC');
      return written(...given);
    });
    expect(await codeOf(ways.download(place, {}))).toBe('ENOSPC');
    write.mockRestore();
    await until(() => place.server.stats().activeRequests === 0);
    const { resumedFrom } = await place.client.downloadFile('big', path.join(place.local, 'copy'));
    expect(resumedFrom).toBeGreaterThan(0);
    expect(place.client.stats().fallbacks).toBe(0);
  });
});
