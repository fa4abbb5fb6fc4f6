/** Processes with transfers over UDP that close, or are killed; and others that continue their files. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FileClient } from '../../../src/index.js';
import { bytes, NOTE, PART, place, SIZE, type Place } from '../../support/local-files/local-place.js';
import { runJob, type TransferJob } from '../../support/local-files/transfer-job.js';
import { temporaryDirectory } from '../../support/servers/serve.js';
import { UdpServerProcess } from '../../support/udp/server-process.js';
import { udpPorts } from '../../support/udp/udp-ports.js';
import { until } from '../../support/until.js';

/** So slow that a transfer does not end before its process does something. */
const RATE = 4_000_000;

/** Bytes that are under way when a process is killed, at most: some round trips at this rate, as a busy machine has them. */
const MAX_UNDER_WAY = 2_000_000;

/** In ms: TCP tells the server at once that a process has ended. */
const MAX_RELEASE_MS = 5_000;

const udpClient = { transport: 'udp', udp: { maxRate: RATE } } as const;

function jobOf(at: { port: number; local: (name: string) => string }, kind: TransferJob['kind']) {
  const localPath = at.local(kind === 'download' ? 'big' : 'source');
  return { kind, port: at.port, path: 'big', localPath, udpRate: RATE } satisfies TransferJob;
}

/** Resolves when the server has neither connections, requests nor UDP sockets. */
async function released({ server }: Place, portsBefore: number): Promise<void> {
  const startedMs = performance.now();
  await until(() => {
    const { connections, activeRequests } = server.stats();
    return connections + activeRequests === 0 && udpPorts().length === portsBefore;
  });
  expect(server.stats()).toMatchObject({ udpPaths: 0, queuedRequests: 0 });
  expect(performance.now() - startedMs).toBeLessThan(MAX_RELEASE_MS);
}

describe('a process with a UDP path', () => {
  it('ends by itself after close(), a client and a server', async () => {
    const [root, directory] = [await temporaryDirectory(), await temporaryDirectory()];
    await fs.writeFile(path.join(root, 'big'), bytes);
    const server = await UdpServerProcess.start(root);
    const local = (name: string): string => path.join(directory, name);
    // Its outcome is told before close(); it resolves when the process has ended.
    const word = await runJob(jobOf({ port: server.port, local }, 'download'));
    expect(word).toMatchObject({ size: SIZE, udpBytes: expect.any(Number) });
    expect(word.udpBytes).toBeGreaterThanOrEqual(SIZE);
    server.close();
    expect(await server.over).toEqual([0, null]);
    expect((await fs.readFile(local('big'))).equals(bytes)).toBe(true);
  });

  it('ends by itself after close(), a server whose client still has a path', async () => {
    const root = await temporaryDirectory();
    const server = await UdpServerProcess.start(root);
    const client = new FileClient({ port: server.port, ...udpClient, reconnect: false });
    onTestFinished(() => client.destroy());
    await client.writeFile('big', bytes.subarray(0, 2_000_000));
    expect(client.stats()).toMatchObject({ fallbacks: 0 });
    server.close();
    expect(await server.over).toEqual([0, null]);
  });
});

describe('a client that is killed in the middle', () => {
  it('of a download leaves nothing at the server, and another process moves only the rest', async () => {
    const at = await place({ big: bytes }, { udp: true });
    const before = udpPorts().length;
    const word = await runJob({
      ...jobOf(at, 'download'),
      signal: { name: 'SIGKILL', atBytes: 2_000_000 },
    });
    expect(word.atBytes).toBeGreaterThanOrEqual(2_000_000);
    await released(at, before);
    expect(await at.names()).toEqual([NOTE, PART]);
    const kept = (await fs.stat(at.local(PART))).size;
    const { udpBytesSent } = at.server.stats();
    expect(udpBytesSent - kept).toBeLessThan(MAX_UNDER_WAY);
    const next = await runJob(jobOf(at, 'download'));
    expect(next).toMatchObject({ size: SIZE, resumedFrom: kept });
    expect(at.server.stats().udpBytesSent - udpBytesSent).toBe(SIZE - kept);
    expect((await fs.readFile(at.local('big'))).equals(bytes)).toBe(true);
    expect(await at.names()).toEqual(['big']);
    await released(at, before);
  });

  it('of an upload leaves nothing at the server, and another process moves only the rest', async () => {
    const at = await place({}, { udp: true });
    await fs.writeFile(at.local('source'), bytes);
    const before = udpPorts().length;
    const word = await runJob({ ...jobOf(at, 'upload'), signal: { name: 'SIGKILL', atBytes: 3_000_000 } });
    expect(word.atBytes).toBeGreaterThanOrEqual(3_000_000);
    await released(at, before);
    const { udpBytesReceived } = at.server.stats();
    const next = await runJob(jobOf(at, 'upload'));
    expect(next).toMatchObject({ size: SIZE });
    expect(next.resumedFrom).toBeGreaterThan(udpBytesReceived - MAX_UNDER_WAY);
    expect(next.udpBytes).toBe(SIZE - (next.resumedFrom ?? 0));
    expect((await fs.readFile(at.remote('big'))).equals(bytes)).toBe(true);
    await released(at, before);
  });
});

describe('a server that is killed and started again', () => {
  it.each(['download', 'upload'] as const)('interrupts no %s over UDP: its client goes on', async (kind) => {
    const [root, directory] = [await temporaryDirectory(), await temporaryDirectory()];
    const [from, to] = kind === 'download' ? [root, directory] : [directory, root];
    await fs.writeFile(path.join(from, 'big'), bytes);
    const first = await UdpServerProcess.start(root);
    // A process takes seconds to start on a busy machine.
    const reconnect = { minDelayMs: 10, maxDelayMs: 500, maxAttempts: 100 };
    const client = new FileClient({ port: first.port, ...udpClient, reconnect });
    onTestFinished(() => client.destroy());
    let second: Promise<UdpServerProcess> | undefined;
    const onProgress = ({ bytes: now }: { bytes: number }): void => {
      if (now < 2_000_000) return;
      second ??= first.kill().then(() => UdpServerProcess.start(root, first.port));
    };
    const local = path.join(directory, 'big');
    const transfer =
      kind === 'download'
        ? client.downloadFile('big', local, { onProgress })
        : client.uploadFile(local, 'big', { onProgress });
    expect(await transfer).toMatchObject({ size: SIZE });
    expect((await fs.readFile(path.join(to, 'big'))).equals(bytes)).toBe(true);
    expect(client.stats().retries).toBeGreaterThan(0);
    const { udpBytesSent, udpBytesReceived } = client.stats();
    expect(udpBytesSent + udpBytesReceived).toBeGreaterThanOrEqual(SIZE - 100_000);
    await client.close();
    const server = await second;
    server?.close();
    expect(await server?.over).toEqual([0, null]);
  });
});
