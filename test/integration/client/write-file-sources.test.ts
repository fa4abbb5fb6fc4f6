/** `writeFile` from a source that waits: the upload ends the call, and the source is stopped. */
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { MemoryStorage, type FileClient, type Storage, type WriteFileData } from '../../../src/index.js';
import { serve } from '../../support/servers/serve.js';
import { storageWith, uncaughtDuring } from '../../support/servers/unfriendly.js';
import { until } from '../../support/until.js';

type Piece = string | Uint8Array;

/** A source that gives one piece and then waits, and whether it was stopped. */
interface Waiting {
  readonly data: WriteFileData;
  readonly isStopped?: () => boolean;
}

const never = new Promise<never>(() => undefined);

function iterator(more: Partial<AsyncIterator<Piece>>): AsyncIterable<Piece> {
  let given = 0;
  const next = (): Promise<IteratorResult<Piece>> =>
    given++ === 0 ? Promise.resolve({ value: 'a' }) : never;
  return { [Symbol.asyncIterator]: () => ({ next, ...more }) };
}

const sources: Record<string, () => Waiting> = {
  'an async generator': () => ({
    data: (async function* () {
      yield 'a';
      await never;
    })(),
  }),
  'an iterator with return': () => {
    let stopped = 0;
    const end = (): Promise<IteratorResult<Piece>> => {
      stopped++;
      return Promise.resolve({ done: true, value: undefined });
    };
    return { data: iterator({ return: end }), isStopped: () => stopped === 1 };
  },
  'an iterator without return': () => ({ data: iterator({}) }),
  'an iterator whose return never settles': () => {
    let stopped = false;
    const end = (): Promise<never> => {
      stopped = true;
      return never;
    };
    return { data: iterator({ return: end }), isStopped: () => stopped };
  },
  'an iterator whose return throws': () => {
    let stopped = false;
    const end = (): never => {
      stopped = true;
      throw new Error('return throws');
    };
    return { data: iterator({ return: end }), isStopped: () => stopped };
  },
  'an iterator whose return rejects': () => ({
    data: iterator({ return: () => Promise.reject(new Error('return rejects')) }),
  }),
  'an iterator that rejects when it is stopped': () => {
    let reject: (error: Error) => void = () => undefined;
    const rejecting = new Promise<never>((_, rejectNow) => (reject = rejectNow));
    let stopped = false;
    const next = (): Promise<never> => rejecting;
    const end = (): Promise<IteratorResult<Piece>> => {
      stopped = true;
      reject(new Error('rejects later'));
      return Promise.resolve({ done: true, value: undefined });
    };
    return { data: iterator({ next, return: end }), isStopped: () => stopped };
  },
  'an array of a promise': () => ({ data: [never] as unknown as WriteFileData }),
  'a sync iterable that never ends': () => ({
    data: {
      *[Symbol.iterator]() {
        for (;;) yield 'a';
      },
    },
  }),
  'a sync iterable of empty pieces that never ends': () => {
    let stopped = false;
    return {
      data: {
        *[Symbol.iterator]() {
          try {
            for (;;) yield '';
          } finally {
            stopped = true;
          }
        },
      },
      isStopped: () => stopped,
    };
  },
  'a Readable': () => {
    const data = new Readable({ read: () => undefined });
    data.push('a');
    return { data, isStopped: () => data.destroyed };
  },
  'a Readable that fails when it is destroyed': () => {
    const data = new Readable({
      read: () => undefined,
      destroy: (_error, done) => done(new Error('destroy fails')),
    });
    return { data, isStopped: () => data.destroyed };
  },
  'a Readable of an async generator': () => ({
    data: Readable.from(
      (async function* () {
        yield 'a';
        await never;
      })(),
    ),
  }),
  'a web ReadableStream': () => {
    let stopped = false;
    return {
      data: new ReadableStream<Piece>({
        start: (controller) => controller.enqueue('a'),
        cancel: () => void (stopped = true),
      }),
      isStopped: () => stopped,
    };
  },
  'a web ReadableStream whose cancel rejects': () => ({
    data: new ReadableStream<Piece>({ cancel: () => Promise.reject(new Error('cancel rejects')) }),
  }),
};

/** The ways in which a call ends while its source waits, with the code of its error. */
const endings: Record<
  string,
  { code: string; run: (client: FileClient, data: WriteFileData) => Promise<unknown> }
> = {
  'by timeoutMs': {
    code: 'ETIMEDOUT',
    run: (client, data) => client.writeFile('f', data, { timeoutMs: 20 }),
  },
  'by its signal': {
    code: 'ECANCELED',
    run: async (client, data) => {
      const controller = new AbortController();
      const write = client.writeFile('f', data, { signal: controller.signal });
      setImmediate(() => controller.abort());
      return write;
    },
  },
  'by an answer of the server': {
    code: 'EISDIR',
    run: async (client, data) => {
      await client.mkdir('d');
      return client.writeFile('d', data);
    },
  },
  'with the client': {
    code: 'ESHUTDOWN',
    run: async (client, data) => {
      const write = client.writeFile('f', data);
      setImmediate(() => client.destroy());
      return write;
    },
  },
};

describe.each(Object.entries(endings))('writeFile that ends %s', (_ending, { code, run }) => {
  it.each(Object.entries(sources))('does not wait for %s', async (_source, make) => {
    const { connect, server } = await serve({ storage: new MemoryStorage() });
    const client = connect();
    await client.connect();
    const { data, isStopped } = make();
    const caught = await uncaughtDuring(async () => {
      await expect(run(client, data)).rejects.toMatchObject({ code });
      await until(() => isStopped?.() ?? true);
      await until(() => server.stats().activeRequests === 0);
    });
    expect(caught).toEqual([]);
  });
});

describe('writeFile', () => {
  it('ends with the connection while its source waits, if the client does not reconnect', async () => {
    const { connect, server } = await serve({ storage: new MemoryStorage() });
    const client = connect({ reconnect: false });
    const write = client.writeFile('f', iterator({}));
    const isLost = expect(write).rejects.toMatchObject({ name: 'TransferError' });
    await until(() => server.stats().activeRequests === 1);
    server.destroy();
    await isLost;
  });

  it('rejects with what the iterable throws, even if that is no Error, and asks for no more pieces', async () => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    const client = connect();
    const thrown = 'no Error' as unknown as Error;
    let returned = false;
    const failing: AsyncIterable<Piece> = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.reject(thrown),
        return: () => {
          returned = true;
          return Promise.resolve({ done: true, value: undefined });
        },
      }),
    };
    await expect(client.writeFile('f', failing)).rejects.toBe(thrown);
    expect(returned).toBe(false);
    expect(await client.exists('f')).toBe(false);
  });

  it('rejects with the error of a Readable, and with that of a locked web stream', async () => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    const client = connect();
    const mistake = new RangeError('The source failed.');
    const failing = new Readable({ read: () => void failing.destroy(mistake) });
    await expect(client.writeFile('f', failing)).rejects.toBe(mistake);
    const locked = new ReadableStream<Piece>();
    locked.getReader();
    await expect(client.writeFile('f', locked)).rejects.toThrow(TypeError);
    expect(await client.exists('f')).toBe(false);
  });

  it('reads no more than a window from a source while the server stores nothing', async () => {
    const memory = new MemoryStorage();
    let open: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    const write: Storage['write'] = async (path, options) => {
      await opened;
      return memory.write(path, options);
    };
    const { connect } = await serve({ storage: storageWith({ write }) });
    let pieces = 0;
    const written = connect().writeFile(
      'f',
      (function* () {
        for (; pieces < 150; pieces++) yield new Uint8Array(65_536);
      })(),
    );
    let turns = 0;
    await until(() => ++turns > 100);
    expect(pieces).toBeLessThan(100);
    open();
    expect((await written).size).toBe(150 * 65_536);
  });

  it('closes a Readable that it has read to its end', async () => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    const source = Readable.from(['a', 'b']);
    const closed = once(source, 'close');
    expect((await connect().writeFile('f', source)).size).toBe(2);
    await closed;
  });
});
