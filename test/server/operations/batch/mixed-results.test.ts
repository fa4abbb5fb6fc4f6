/** Batches whose requests have their results at once, later, or after a permission: their order and their count. */
import { describe, expect, it } from 'vitest';
import { builtinCodecs } from '../../../../src/codecs/builtin.js';
import { contextOf } from '../../../../src/client/base-client.js';
import { downloadBatch } from '../../../../src/client/batches/download-batch.js';
import {
  MemoryStorage,
  TransferError,
  type Authorize,
  type RemotePath,
  type Storage,
  type WholeFile,
} from '../../../../src/index.js';
import { FrameWire } from '../../../support/frames/frame-wire.js';
import { serve } from '../../../support/servers/serve.js';
import { storageWith } from '../../../support/servers/unfriendly.js';
import { until } from '../../../support/until.js';

const mtime = new Date(0);

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const fileAt = (path: RemotePath): WholeFile => {
  const bytes = Buffer.from(`content of ${path}`);
  return { entry: { path, kind: 'file', size: bytes.length, mtime, etag: 'e' }, bytes };
};

/** What a storage does with a file, by its number. */
function outcomeOf(number: number): 'at once' | 'later' | 'throws' | 'rejects' {
  if (number % 7 === 0) return 'rejects';
  if (number % 5 === 0) return 'throws';
  return number % 3 === 0 ? 'later' : 'at once';
}

it.each(['text', 'json', 'xml', 'binary'] as const)(
  'a batch in %s answers in the order of its requests, whether their results are there at once or later',
  async (codec) => {
    const storage = storageWith({
      readFile(path) {
        const outcome = outcomeOf(Number(path));
        const error = new TransferError('EACCES', undefined, { path });
        if (outcome === 'throws') throw error;
        if (outcome === 'rejects') return nextTurn().then(() => Promise.reject(error));
        return outcome === 'later' ? nextTurn().then(() => fileAt(path)) : fileAt(path);
      },
    });
    const { connect } = await serve({ storage });
    const files = Array.from({ length: 200 }, (_, number) => ({ path: `${number}` }));
    const outcomes = await downloadBatch(contextOf(connect({ codec })), files);
    expect(outcomes.map(({ file }) => file)).toEqual(files);
    for (const { file, error, ...found } of outcomes) {
      const outcome = outcomeOf(Number(file.path));
      if (outcome === 'throws' || outcome === 'rejects') expect(error).toMatchObject({ code: 'EACCES' });
      else expect(found).toMatchObject({ bytes: Buffer.from(`content of ${file.path}`) });
    }
  },
);

/** A storage that notes the files that it begins to write; one of them waits until it is released. */
function noting(held?: string) {
  const memory = new MemoryStorage();
  const begun: string[] = [];
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const writeFile: Storage['writeFile'] = (path, pieces, options) => {
    begun.push(path);
    if (path === held) return released.then(() => memory.writeFile(path, pieces, options));
    return { path, kind: 'file', size: 1, mtime, etag: 'e' };
  };
  return { storage: storageWith({ writeFile }), begun, release };
}

const names = Array.from({ length: 40 }, (_, index) => `f${index + 1}`);

/** The uploads of all files as the body of a batch. */
function bodyOfAll(): Buffer {
  const { binary } = builtinCodecs;
  return Buffer.concat(
    names.flatMap((path, index) => [
      binary.encode({ type: 'open', id: index + 1, op: 'upload', path, size: 1 }),
      binary.encode({ type: 'data', id: index + 1, length: 1 }),
      Buffer.from('x'),
    ]),
  );
}

async function batchOn(port: number): Promise<FrameWire> {
  const { wire } = await FrameWire.open(port, 'binary');
  wire.send({ type: 'open', id: 1, op: 'batch' });
  expect(await wire.next()).toMatchObject({ type: 'accept' });
  wire.data(1, bodyOfAll());
  return wire;
}

/** Cancels the batch. Resolves with its last frame. */
async function cancelled(wire: FrameWire, afterwards: () => void): Promise<unknown> {
  wire.send({ type: 'cancel', id: 1 });
  // The answer to the ping shows that the server has read the frame before it.
  wire.send({ type: 'ping', token: 1 });
  for (let frame = await wire.next(); ; frame = await wire.next()) {
    if (frame?.type === 'pong') afterwards();
    else if (frame?.type !== 'data') return frame;
  }
}

describe('a batch that is cancelled', () => {
  it('counts the requests that were carried out at once, and those that have begun after one that waits', async () => {
    const { storage, begun, release } = noting('f20');
    const { port } = await serve({ storage });
    const wire = await batchOn(port);
    await until(() => begun.length >= 35);
    const result = await cancelled(wire, release);
    expect(begun).toEqual(names.slice(0, 35));
    expect(result).toMatchObject({ type: 'result', count: 35 });
    expect(result).not.toHaveProperty('bytes');
  });

  it('has not begun a request that waits for its permission, nor one behind it', async () => {
    const { storage, begun } = noting();
    let permit = (): void => undefined;
    const permitted = new Promise<boolean>((resolve) => (permit = () => resolve(true)));
    let asked = false;
    const authorize: Authorize = (_identity, _permission, path) => {
      if (path !== 'f4') return true;
      asked = true;
      return permitted;
    };
    const { port } = await serve({ storage, authorize });
    const wire = await batchOn(port);
    await until(() => asked && begun.length === 3);
    const result = await cancelled(wire, permit);
    expect(result).toMatchObject({ type: 'result', count: 3 });
    expect(begun).toEqual(['f1', 'f2', 'f3']);
  });
});
