/** Requests that take longer than the client waits for an answer: the server shows that it is at work on them. */
import { duplexPair } from 'node:stream';
import { describe, expect, it } from 'vitest';
import {
  FileClient,
  FileServer,
  type MemoryStorage,
  parseRemotePath,
  type FileServerOptions,
  type Storage,
} from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import { slowStorage } from '../../support/doubles/slow-storage.js';
import { inVirtualTime, pause } from '../../support/doubles/virtual-time.js';
import { connectionTo, storageOf } from '../../support/servers/serve.js';
import { WELCOME } from '../../support/servers/unfriendly.js';

const RESPONSE_MS = 3_000;
const CALL_MS = 1.1 * RESPONSE_MS;
/** Longer than the calls of any request between two signs of progress, shorter than the client believes such signs. */
const PROGRESS_MS = 8 * RESPONSE_MS;

const timeouts = { responseMs: RESPONSE_MS, stallMs: RESPONSE_MS };
const big = bytesOf(3_000_000);
const recursive = { recursive: true };
const allow = (): boolean => true;
const quota = { bytes: 100_000_000 };

async function append(client: FileClient): Promise<unknown> {
  const stream = client.append('file').on('error', () => undefined);
  stream.end('x');
  return stream.completed;
}

type Row = [what: string, call: (client: FileClient) => Promise<unknown>, options?: FileServerOptions];

const rows: Row[] = [
  ['stat', (client) => client.stat('file')],
  ['exists', (client) => client.exists('file')],
  ['a download', (client) => client.readFile('big')],
  ['a checksum', (client) => client.checksum('big')],
  ['a listing', (client) => client.readdir('tree')],
  ['mkdir', (client) => client.mkdir('new')],
  ['remove', (client) => client.remove('tree', recursive)],
  ['rename', (client) => client.rename('file', 'other')],
  ['copy', (client) => client.copy('file', 'other')],
  ['utimes', (client) => client.utimes('file', new Date(0))],
  ['a small upload', (client) => client.writeFile('new', 'x')],
  ['a large upload', (client) => client.writeFile('new', big)],
  ['a conditional upload', (client) => client.writeFile('new', 'x', { overwrite: false })],
  ['an append', (client) => append(client)],
  [
    'a listing of which nothing may be shown',
    (client) => client.readdir('tree', recursive),
    { authorize: (_who, _permission, path) => path === 'tree' },
  ],
  ['rename with checks of a subtree', (client) => client.rename('tree', 'wood'), { authorize: allow }],
  ['remove with checks of a subtree', (client) => client.remove('tree', recursive), { authorize: allow }],
  [
    'a check of a permission',
    (client) => client.stat('file'),
    { authorize: () => pause(CALL_MS).then(allow) },
  ],
  ['an upload within a quota that is not counted yet', (client) => client.writeFile('new', big), { quota }],
  ['mkdir within a quota', (client) => client.mkdir('a/b', recursive), { quota }],
  ['remove within a quota', (client) => client.remove('tree', recursive), { quota }],
  ['copy within a quota', (client) => client.copy('file', 'other'), { quota }],
  [
    'each of eight requests in a queue',
    (client) => Promise.all(Array.from({ length: 8 }, () => client.stat('file'))),
    { strategy: 'blocking' },
  ],
  [
    'each of ten directories within a quota, one after the other',
    (client) => Promise.all(Array.from({ length: 10 }, (_, index) => client.mkdir(`new${index}`))),
    { quota },
  ],
];

async function filled(): Promise<MemoryStorage> {
  return storageOf({ file: 'x', big }).then(async (storage) => {
    await storage.mkdir(parseRemotePath('tree/a/b'), recursive);
    return storage;
  });
}

/** Runs work with a client of a server, in virtual time. */
async function withClient(
  options: FileServerOptions,
  work: (client: FileClient) => Promise<void>,
  progressMs = PROGRESS_MS,
): Promise<void> {
  await inVirtualTime(3_600_000, async () => {
    const server = new FileServer({ ...options, timeouts: { progressMs, stallMs: 1_000 } });
    const connect = () => connectionTo(server);
    const client = new FileClient({ connect, reconnect: false, timeouts });
    await work(client);
    await client.close({ graceMs: 0 });
    await server.close({ graceMs: 0 });
    // The pool of buffers checks once more whether any can be freed.
    await pause(60_000);
  });
}

describe('a storage whose calls take longer than the client waits for an answer', () => {
  it.each(rows)('does not fail %s', async (_what, call, options) => {
    const memory = await filled();
    const storage = slowStorage(() => pause(CALL_MS), memory);
    await withClient({ storage, ...options }, async (client) => {
      const since = performance.now();
      await call(client);
      expect(performance.now() - since).toBeGreaterThan(RESPONSE_MS);
    });
  });

  it.each(rows)('fails %s with ETIMEDOUT once its calls hang', async (_what, call, options) => {
    const storage = slowStorage(() => new Promise(() => undefined), await filled());
    await withClient({ storage, ...options }, async (client) => {
      await client.connect();
      const since = performance.now();
      await expect(call(client)).rejects.toMatchObject({ code: 'ETIMEDOUT' });
      const waitedMs = performance.now() - since;
      expect(waitedMs).toBeGreaterThan(PROGRESS_MS);
      expect(waitedMs).toBeLessThan(PROGRESS_MS + 3 * RESPONSE_MS + CALL_MS);
      // The server gives a cancelled request time to clean up.
      await pause(2_000);
    });
  });
});

describe('a call into the storage that lasts longer than progressMs', () => {
  const slow = async (report: (() => void) | undefined): Promise<void> => {
    for (let step = 0; step < 10; step += 1) {
      await pause(PROGRESS_MS / 2);
      report?.();
    }
  };

  const removing = (reports: boolean): Storage & Required<Pick<Storage, 'remove'>> => ({
    ...slowStorage(() => Promise.resolve()),
    remove: (_path, { onProgress }) => slow(reports ? onProgress : undefined),
  });

  it('succeeds if it reports progress', async () => {
    await withClient({ storage: removing(true) }, (client) => client.remove('tree', recursive));
  });

  it('fails with ETIMEDOUT if it does not', async () => {
    await withClient({ storage: removing(false) }, async (client) => {
      const error: unknown = await client.remove('tree', recursive).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'ETIMEDOUT', outcomeUnknown: true });
      await pause(10 * PROGRESS_MS);
    });
  });

  it('does not fail the requests that wait for it: by a quota, or in a queue', async () => {
    const storage = {
      ...slowStorage(() => Promise.resolve(), await filled()),
      remove: removing(true).remove,
    };
    await withClient({ storage, quota }, async (client) => {
      const removal = client.remove('tree', recursive);
      await Promise.all([removal, client.writeFile('new', 'x'), client.mkdir('more')]);
    });
  });
});

describe('a server that shows without end that it is at work', () => {
  const hanging = (): Storage => slowStorage(() => new Promise(() => undefined));

  it.each<[what: string, factor: number, call: (client: FileClient) => Promise<unknown>]>([
    ['stat', 10, (client) => client.stat('file')],
    ['utimes', 10, (client) => client.utimes('file', new Date(0))],
    ['mkdir', 100, (client) => client.mkdir('new')],
    ['rename', 100, (client) => client.rename('file', 'other')],
    ['remove', 100, (client) => client.remove('tree', recursive)],
    ['a checksum', 100, (client) => client.checksum('big')],
    ['a download', 100, (client) => client.readFile('big')],
  ])('fails %s with ETIMEDOUT after %i response times', async (_what, factor, call) => {
    const work = async (client: FileClient): Promise<void> => {
      await client.connect();
      const since = performance.now();
      await expect(call(client)).rejects.toMatchObject({ code: 'ETIMEDOUT' });
      expect(performance.now() - since).toBeGreaterThanOrEqual(factor * RESPONSE_MS);
      expect(performance.now() - since).toBeLessThan((factor + 1) * RESPONSE_MS);
      await pause(2_000);
    };
    await withClient({ storage: hanging() }, work, 3_600_000);
  });

  it('is disconnected after a hundred response times if it does not end a cancelled request', async () => {
    await inVirtualTime(3_600_000, async () => {
      const [near, far] = duplexPair();
      far.resume().write(WELCOME);
      const acks = setInterval(() => far.write('ack id=1 offset=0 window=0\n'), RESPONSE_MS / 2);
      const plain = { codec: 'text', checksum: 'none', reconnect: false } as const;
      const client = new FileClient({ connect: () => near, ...plain, timeouts });
      await expect(client.remove('tree', { timeoutMs: 100 })).rejects.toMatchObject({ code: 'ETIMEDOUT' });
      await pause(99 * RESPONSE_MS);
      expect(client.state.status).toBe('connected');
      await pause(2 * RESPONSE_MS);
      expect(client.state.status).toBe('disconnected');
      clearInterval(acks);
      await client.close();
    });
  });
});

describe('a client', () => {
  it('keeps its connection while the server cleans up a cancelled request', async () => {
    const storage = { ...slowStorage(() => Promise.resolve()), remove: () => pause(4 * RESPONSE_MS) };
    await inVirtualTime(60_000, async () => {
      const server = new FileServer({ storage });
      const client = new FileClient({ connect: () => connectionTo(server), reconnect: false, timeouts });
      await expect(client.remove('tree', { timeoutMs: 100 })).rejects.toMatchObject({ code: 'ETIMEDOUT' });
      await pause(3 * RESPONSE_MS);
      expect(client.state.status).toBe('connected');
      await client.close();
      await server.close();
    });
  });

  it('that reads nothing does not make the server collect acks', async () => {
    const storage = { ...slowStorage(() => Promise.resolve()), remove: () => pause(100_000) };
    await inVirtualTime(300_000, async () => {
      const server = new FileServer({ storage });
      const endpoint = server.endpoint();
      endpoint.read(0);
      endpoint.write('hello version=1\n');
      for (let id = 1; id < 2 * 64; id += 2) endpoint.write(`open id=${id} op=remove path=a\n`);
      await pause(40_000);
      // Written at once, the acks of 40 s have three times the bytes that the endpoint buffers.
      expect(endpoint.readableLength).toBeGreaterThan(200_000);
      let bytes = 0;
      for (let turn = 0; turn < 10; turn += 1) {
        bytes += (endpoint.read() as Buffer | null)?.length ?? 0;
        await pause(0);
      }
      expect(bytes).toBeLessThan(300_000);
      endpoint.destroy();
      await pause(100_000);
      await server.close();
    });
  });
});
