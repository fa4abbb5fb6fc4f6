/**
 * HTTP/2 rapid reset and MadeYouReset: streams that were opened and ended early cost the server more than the client,
 * whichever end ended them. HTTP/2 window leaks, in six stacks: cancelled streams never returned shared credit.
 */
import { describe, expect, it } from 'vitest';
import { MemoryStorage, type Storage, type StoredFile } from '../../src/index.js';
import { bytesOf } from '../support/bytes.js';
import { serve } from '../support/servers/serve.js';
import { storageWith } from '../support/servers/unfriendly.js';
import { until } from '../support/until.js';
import { Wire } from '../support/frames/wire.js';

const CHANNELS = 64;

const REQUESTS = 3_000;

/** How a request is ended early: by its client, or by a mistake that makes the server end it. */
const endings = [
  {
    incident: 'HTTP/2 rapid reset',
    open: 'open id=# op=download path=file window=0\n',
    end: 'cancel id=#\n',
  },
  {
    incident: 'MadeYouReset',
    open: 'open id=# op=upload path=new size=1\n',
    end: 'data id=# length=2\nxx\n',
  },
  { incident: 'MadeYouReset', open: 'open id=# op=upload path=new\n', end: 'end id=# size=9\n' },
  { incident: 'MadeYouReset', open: 'open id=# op=upload path=new window=1\n', end: 'strange id=#\n' },
];

describe.each(endings)('$incident: $end', ({ open, end }) => {
  it('opens no more channels at a time than allowed, and leaves nothing behind', async () => {
    const watched = watchedStorage();
    const { server, port, connect } = await serve({ storage: watched.storage });
    const bystander = connect();
    await bystander.writeFile('file', bytesOf(100_000));
    const wire = await Wire.connect(port);
    wire.send('hello version=1\n');
    for (let number = 0; number < REQUESTS; number++) {
      wire.send((open + end).replaceAll('#', String(2 * number + 1)));
      if (number % 100 === 0) expect(await bystander.stat('file')).toMatchObject({ size: 100_000 });
    }
    wire.socket.end();
    const said = await wire.rest();
    // The bystander's is left.
    await until(() => server.stats().connections === 1);
    expect(watched.mostOpen()).toBeLessThanOrEqual(CHANNELS + 1);
    expect(watched.open()).toBe(0);
    expect(server.stats()).toMatchObject({ activeRequests: 0, queuedRequests: 0 });
    // One terminal frame each, or the end of the connection.
    const ends = said.split('\n').filter((line) => line.startsWith('error ') && line.includes(' id='));
    expect(new Set(ends.map((line) => / id=(\d+)/.exec(line)?.[1])).size).toBe(ends.length);
    expect(said.includes('error code=EFLOOD message=') || ends.length === REQUESTS).toBe(true);
  });

  it.runIf(end.startsWith('cancel'))('closes the connection after too many repetitions', async () => {
    const { server, port, connect } = await serve({ storage: new MemoryStorage() });
    await connect().writeFile('file', bytesOf(100_000));
    const wire = await Wire.connect(port);
    wire.send('hello version=1\n');
    for (let number = 0; number < REQUESTS; number++) {
      wire.send((open + end).replaceAll('#', String(2 * number + 1)));
      if (number % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    wire.socket.end();
    expect(await wire.rest()).toContain('error code=EFLOOD message=');
    expect(server.stats().failedRequests).toBeLessThan(REQUESTS / 2);
  });
});

describe('HTTP/2: a channel is free only after the cleanup of its last request', () => {
  it('even if the next request arrives immediately', async () => {
    // 64, and 16 for requests without a body.
    const places = CHANNELS + 16;
    const opened: (() => void)[] = [];
    const memory = new MemoryStorage();
    const slow = storageWith({
      stat: async (path) => {
        await new Promise<void>((resolve) => opened.push(resolve));
        return memory.stat(path);
      },
    });
    const { port } = await serve({ storage: slow });
    const wire = await Wire.connect(port);
    wire.send('hello version=1\n');
    await wire.line();
    for (let id = 1; id <= 2 * places - 1; id += 2) wire.send(`open id=${id} op=stat\ncancel id=${id}\n`);
    await until(() => opened.length === places);
    wire.send(`open id=${2 * places + 1} op=stat\n`);
    expect(await wire.line()).toMatch(/^error code=EAGAIN id=161 /);
    expect(opened).toHaveLength(places);
    for (const open of opened) open();
  });
});

describe('HTTP/2 window leaks', () => {
  it.each(['cancel id=#\n', 'data id=# length=1\nx\ncancel id=#\n', 'end id=# size=7\n'])(
    'do not occur: after hundreds of uploads that end by %j the connection has all its credit',
    async (end) => {
      const { server, port } = await serve({
        storage: new MemoryStorage(),
        limits: { maxBufferedBytes: 8 * 1024 * 1024, maxBufferedBytesPerConnection: 4 * 1024 * 1024 },
      });
      const wire = await Wire.connect(port);
      wire.send('hello version=1\n');
      await wire.line();
      const granted = async (id: number): Promise<number> => {
        wire.send(`open id=${id} op=upload path=file\n`);
        const answer = await wire.line();
        return Number(/ window=(\d+)/.exec(answer ?? '')?.[1]);
      };
      const atFirst = await granted(1);
      wire.send('cancel id=1\n');
      expect(await wire.line()).toMatch(/^error code=ECANCELED id=1 /);
      for (let id = 3; id < 801; id += 2) {
        await granted(id);
        wire.send(end.replaceAll('#', String(id)));
        while (!(await wire.line())?.startsWith('error '));
      }
      expect(await granted(801)).toBe(atFirst);
      expect(server.stats().activeRequests).toBe(1);
    },
  );
});

/** A storage that knows how many of its files are open. */
function watchedStorage() {
  const memory = new MemoryStorage();
  let open = 0;
  let mostOpen = 0;
  const opened = (): void => void (mostOpen = Math.max(mostOpen, ++open));
  const storage: Storage = storageWith({
    stat: (path) => memory.stat(path),
    read: async (path): Promise<StoredFile> => {
      const file = await memory.read(path);
      opened();
      return {
        entry: file.entry,
        read: (target, position) => file.read(target, position),
        etag: () => file.etag(),
        close: async () => {
          open--;
          await file.close();
        },
      };
    },
    write: async (path, options) => {
      const file = await memory.write(path, options);
      opened();
      let isOpen = true;
      const closed = (): void => {
        if (isOpen) open--;
        isOpen = false;
      };
      return {
        write: (pieces) => file.write(pieces),
        commit: () => file.commit().finally(closed),
        discard: () => file.discard().finally(closed),
      };
    },
  });
  return { storage, open: () => open, mostOpen: () => mostOpen };
}
