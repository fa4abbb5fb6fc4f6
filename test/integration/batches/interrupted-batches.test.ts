/** Batches whose connections are cut: each file is stored once, and each has its outcome. */
import { connect, type AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { contextOf } from '../../../src/client/base-client.js';
import { downloadBatch } from '../../../src/client/batches/download-batch.js';
import { uploadBatch, type FileToUpload } from '../../../src/client/batches/upload-batch.js';
import {
  FileClient,
  FileServer,
  MemoryStorage,
  TransferError,
  type Connect,
  type Storage,
} from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import { Cuts } from '../../support/servers/cuts.js';
import { quick } from '../../support/servers/scripted.js';
import { serve, serveFiles } from '../../support/servers/serve.js';
import { storageWith } from '../../support/servers/unfriendly.js';

const codecs = ['text', 'json', 'xml', 'binary'] as const;

/** A storage in memory that notes each file that it stores, before it is visible. */
function counted(onStored?: (count: number) => void): { storage: Storage; stored: string[] } {
  const memory = new MemoryStorage();
  const stored: string[] = [];
  const storage = storageWith({
    stat: (path) => memory.stat(path),
    read: (path) => memory.read(path),
    write: async (path, options) => {
      const pending = await memory.write(path, options);
      const commit = async () => {
        stored.push(path);
        onStored?.(stored.length);
        return pending.commit();
      };
      return { write: (pieces) => pending.write(pieces), discard: () => pending.discard(), commit };
    },
  });
  return { storage, stored };
}

const files = Array.from({ length: 200 }, (_, index) => ({ path: `f${index}`, bytes: bytesOf(500, index) }));
const names = files.map(({ path }) => path).sort();

function clientBy(connect: Connect, codec: (typeof codecs)[number] = 'binary'): FileClient {
  const client = new FileClient({ connect, codec, reconnect: { ...quick, maxAttempts: 100 } });
  onTestFinished(() => client.destroy());
  return client;
}

async function uploaded(
  client: FileClient,
  toUpload: readonly FileToUpload[],
): Promise<Map<string, unknown>> {
  const outcomes = new Map<string, unknown>();
  for (const outcome of await uploadBatch(contextOf(client), toUpload)) {
    expect(outcomes.has(outcome.file.path)).toBe(false);
    outcomes.set(outcome.file.path, outcome.error ?? outcome.entry.size);
  }
  return outcomes;
}

describe.each(codecs)('a batch of uploads over %s', (codec) => {
  it.each([{ bytes: 1_000 }, { bytes: 30_000 }, { bytes: 90_000 }])(
    'stores each file once if its connection is cut after $bytes bytes',
    async ({ bytes }) => {
      const { storage, stored } = counted();
      const { port } = await serve({ storage, codec });
      const cuts = new Cuts(port);
      const outcomes = await uploaded(clientBy(cuts.each(bytes, 'bytesWritten', 1), codec), files);
      expect([...outcomes.keys()].sort()).toEqual(names);
      expect(new Set(outcomes.values())).toEqual(new Set([500]));
      expect(cuts.sockets.length).toBe(2);
      expect(stored.sort()).toEqual(names);
    },
  );

  it('stores each file once if its connection is cut during the answers, also with conditions', async () => {
    const { storage, stored } = counted();
    const { port } = await serve({ storage, codec });
    const cuts = new Cuts(port);
    const client = clientBy(cuts.each(3_000, 'bytesRead', 1), codec);
    const outcomes = await uploaded(
      client,
      files.map((file) => ({ ...file, conditions: { overwrite: false } })),
    );
    expect(new Set(outcomes.values())).toEqual(new Set([500]));
    expect(cuts.sockets.length).toBe(2);
    expect(stored.sort()).toEqual(names);
  });

  it('downloads all files although its connection is cut', async () => {
    const { port } = await serveFiles(Object.fromEntries(files.map(({ path, bytes }) => [path, bytes])));
    const cuts = new Cuts(port);
    const client = clientBy(cuts.each(20_000, 'bytesRead', 2), codec);
    const got = new Map<string, Buffer>();
    for (const outcome of await downloadBatch(contextOf(client), files))
      if (!outcome.error) got.set(outcome.file.path, outcome.bytes);
    expect(cuts.sockets.length).toBe(3);
    for (const { path, bytes } of files) expect(got.get(path)).toEqual(bytes);
  });
});

describe('a batch of uploads', () => {
  it('finds out by the bytes which files a server has stored that was restarted', async () => {
    const { storage, stored } = counted((count) => {
      if (count === 100) first.destroy();
    });
    const first = new FileServer({ storage });
    const second = await serve({ storage });
    await first.listen(0);
    onTestFinished(() => first.close());
    const { port } = first.address() as AddressInfo;
    let connections = 0;
    const client = clientBy(() => connect({ port: connections++ === 0 ? port : second.port }));
    const outcomes = await uploaded(client, files);
    const failures = [...outcomes.values()].filter((outcome) => outcome instanceof TransferError);
    expect(outcomes.size).toBe(200);
    // What is stored is known to be stored. What is not is not sent again: another client may have replaced it.
    expect(200 - failures.length).toBe(stored.length);
    for (const failure of failures) expect(failure).toMatchObject({ outcomeUnknown: true });
    expect(stored.length).toBeLessThan(200);
  });

  it('takes no file for stored that has the bytes and the etag of the version to replace', async () => {
    const { storage, stored } = counted((count) => {
      if (count === 201) first.destroy();
    });
    const first = new FileServer({ storage });
    const second = await serve({ storage });
    await first.listen(0);
    onTestFinished(() => first.close());
    const { port } = first.address() as AddressInfo;
    let connections = 0;
    const client = clientBy(() => connect({ port: connections++ === 0 ? port : second.port }));
    const before = await uploadBatch(contextOf(client), files);
    const again = before.map((outcome) => {
      if (outcome.error) throw outcome.error;
      return { ...outcome.file, conditions: { ifMatch: outcome.entry.etag, mtime: 1_000 } };
    });
    const outcomes = [...(await uploaded(client, again)).values()];
    expect(outcomes.filter((outcome) => outcome === 500).length).toBe(stored.length - 200);
    expect(stored.length).toBeLessThan(400);
  });
});
