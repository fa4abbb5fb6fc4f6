/** The answers of the server to raw bytes, as in `docs/protocol.md`: written by hand in the text codec. */
import { describe, expect, it } from 'vitest';
import { MemoryStorage, type Storage, type StoredFile } from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import { serve, serveFiles } from '../../support/servers/serve.js';
import { Wire } from '../../support/frames/wire.js';

async function greeted(port: number): Promise<Wire> {
  const wire = await Wire.connect(port);
  wire.send('hello version=1\n');
  expect(await wire.line()).toMatch(/^welcome version=1 maxFrame=65536 maxChannels=64/);
  return wire;
}

describe('a conversation by hand', () => {
  it('downloads with three lines, without acks when it names no window', async () => {
    const bytes = bytesOf(5_000_000);
    const wire = await greeted((await serveFiles({ big: bytes })).port);
    wire.send('open id=1 op=download path=big\n');
    expect(await wire.line()).toMatch(
      /^accept id=1 path=big kind=file offset=0 size=5000000 mtime=\d+ etag=\S+ checksum=crc32 mode=420$/,
    );
    const pieces: Buffer[] = [];
    for (let line = await wire.line(); line?.startsWith('data '); line = await wire.line()) {
      const length = Number(/ length=(\d+)/.exec(line)?.[1]);
      expect(length).toBeLessThanOrEqual(65_536);
      pieces.push(await wire.payload(length));
      if (Buffer.concat(pieces).length === bytes.length) break;
    }
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
    expect(await wire.line()).toMatch(/^result id=1 bytes=5000000 checksum=crc32:[0-9a-f]{8}$/);
  });

  it('uploads with lines that do not wait for an answer', async () => {
    const { port, connect } = await serveFiles();
    const wire = await Wire.connect(port);
    wire.send(
      'hello version=1\nopen id=1 op=upload path=note.txt\ndata id=1 length=5\nhello\nend id=1 size=5\n',
    );
    expect(await wire.line()).toMatch(/^welcome /);
    expect(await wire.line()).toMatch(/^accept id=1 path=note.txt checksum=crc32 window=2097152$/);
    expect(await wire.line()).toMatch(
      /^result id=1 path=note.txt kind=file size=5 .*bytes=5 checksum=crc32:3610a686 mode=420$/,
    );
    expect(await connect().readFile('note.txt', 'utf8')).toBe('hello');
  });

  it('is refused with EINVAL for a modification time outside of the range of Date', async () => {
    const wire = await greeted((await serveFiles()).port);
    wire.send('open id=1 op=upload path=note.txt mtime=8640000000000001\n');
    expect(await wire.line()).toMatch(/^error code=EINVAL id=1 /);
    wire.send('open id=3 op=upload path=note.txt mtime=8640000000000000\nend id=3 size=0\n');
    expect(await wire.line()).toMatch(/^accept id=3 /);
    expect(await wire.line()).toMatch(/^result id=3 .*mtime=8640000000000000 /);
  });

  it('gets one terminal frame for every channel, then the end after its own end', async () => {
    const wire = await greeted((await serveFiles({ a: 'A' })).port);
    wire.send('open id=1 op=stat path=a\nopen id=3 op=stat path=b\nopen id=5 op=nonsense\nping token=7\n');
    wire.socket.end();
    const lines = (await wire.rest()).trimEnd().split('\n');
    expect(lines.filter((line) => line.includes('id=1'))).toHaveLength(1);
    expect(lines.find((line) => line.includes('id=3'))).toMatch(/^error code=ENOENT id=3 /);
    expect(lines.find((line) => line.includes('id=5'))).toMatch(/^error code=ENOTSUP id=5 /);
    expect(lines).toContain('pong token=7');
    expect(lines).toHaveLength(4);
  });

  it('gets one terminal frame for a cancelled request', async () => {
    const wire = await greeted((await serveFiles({ big: bytesOf(1_000_000) })).port);
    wire.send('open id=1 op=download path=big window=1\n');
    expect(await wire.line()).toMatch(/^accept /);
    expect(await wire.line()).toBe('data id=1 length=1');
    await wire.payload(1);
    wire.send('cancel id=1\n');
    expect(await wire.line()).toMatch(/^error code=ECANCELED id=1 /);
    wire.send('cancel id=1\nping token=1\n');
    expect(await wire.line()).toBe('pong token=1');
  });
});

describe('a broken rule of the protocol is answered with one error and the end of the connection', () => {
  const cases: [name: string, bytes: string, code: string][] = [
    ['a frame before hello', 'open id=1 op=stat\n', 'EPROTO'],
    ['a second hello', 'hello version=1\nhello version=1\n', 'EPROTO'],
    ['version 0', 'hello version=0\n', 'EPROTONOSUPPORT'],
    ['an even id', 'hello version=1\nopen id=2 op=stat\n', 'EPROTO'],
    ['an id used twice', 'hello version=1\nopen id=1 op=stat\nopen id=1 op=stat\n', 'EPROTO'],
    ['a frame for a channel that never was', 'hello version=1\ncancel id=9\n', 'EPROTO'],
    [
      'a frame of the server’s',
      'hello version=1\nwelcome version=1 maxFrame=65536 maxChannels=1\n',
      'EPROTO',
    ],
    [
      'a payload without its line end',
      'hello version=1\nopen id=1 op=upload path=x\ndata id=1 length=1\nxx\n',
      'EPROTO',
    ],
    ['a header that is too long', `hello version=1 agent=${'x'.repeat(5_000)}\n`, 'EMSGSIZE'],
    [
      'a data frame that is too large',
      'hello version=1\nopen id=1 op=upload path=x\ndata id=1 length=1048577\n',
      'EMSGSIZE',
    ],
    ['something that is no codec', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', 'EPROTO'],
  ];

  it.each(cases)('%s', async (_name, bytes, code) => {
    const { port, connect } = await serveFiles({ other: 'unharmed' });
    const wire = await Wire.connect(port);
    wire.send(bytes);
    wire.socket.end();
    const errors = (await wire.rest())
      .split('\n')
      .filter((line) => line.startsWith('error ') && !line.includes(' id='));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(`code=${code}`);
    expect(await connect().readFile('other', 'utf8')).toBe('unharmed');
  });
});

describe('a broken rule of a channel is answered with the error of that channel, and the connection continues', () => {
  it.each([
    ['a body where none is taken', 'open id=1 op=list path=d window=0\ndata id=1 length=1\nx\n'],
    ['an ack of what was never sent', 'open id=1 op=upload path=x\nack id=1 offset=1 window=1\n'],
    ['data after the end', 'open id=1 op=upload path=x size=1\nend id=1 size=0\ndata id=1 length=1\nx\n'],
  ])('%s', async (_name, bytes) => {
    const { port, connect } = await serveFiles({ other: 'unharmed' });
    await connect().mkdir('d');
    const wire = await greeted(port);
    wire.send(`${bytes}open id=3 op=stat path=other\n`);
    wire.socket.end();
    const lines = (await wire.rest()).split('\n');
    expect(lines.filter((line) => line.startsWith('error '))).toEqual([
      expect.stringMatching(/^error code=EPROTO id=1 /),
    ]);
    expect(lines).toContainEqual(expect.stringMatching(/^result id=3 path=other /));
    expect((await connect().readdir()).map(({ path }) => path).sort()).toEqual(['d', 'other']);
  });
});

it('an upload that is cut off stays invisible, and the older file stays', async () => {
  const { server, port, connect } = await serveFiles({ file: 'older' });
  const wire = await greeted(port);
  const failed = new Promise((resolve) => server.once('requestEnd', resolve));
  wire.send('open id=1 op=upload path=file\ndata id=1 length=5\nnewer\n');
  expect(await wire.line()).toMatch(/^accept /);
  wire.socket.resetAndDestroy();
  expect(await failed).toMatchObject({ operation: 'upload', error: { code: 'ECONNRESET' } });
  expect(await connect().readFile('file', 'utf8')).toBe('older');
});

it('an upload is refused if its size or checksum does not match', async () => {
  const { port, connect } = await serveFiles({ file: 'older' });
  const wire = await greeted(port);
  wire.send('open id=1 op=upload path=file\ndata id=1 length=5\nnewer\nend id=1 size=6\n');
  wire.send(
    'open id=3 op=upload path=file\ndata id=3 length=5\nnewer\nend id=3 size=5 checksum=crc32:00000000\n',
  );
  // A checksum that is none does not match either.
  wire.send(
    'open id=5 op=upload path=file\ndata id=5 length=5\nnewer\nend id=5 size=5 checksum=crc32:none\n',
  );
  wire.socket.end();
  const lines = (await wire.rest()).split('\n').filter((line) => line.startsWith('error'));
  expect(lines.map((line) => line.split(' ').slice(0, 3).join(' ')).sort()).toEqual([
    'error code=EBADMSG id=1',
    'error code=EBADMSG id=3',
    'error code=EBADMSG id=5',
  ]);
  expect(await connect().readFile('file', 'utf8')).toBe('older');
});

it('a download reports a later read error, also while the client does not read', async () => {
  const storage = new MemoryStorage();
  const failing: Storage = {
    stat: (path) => storage.stat(path),
    list: (path, options) => storage.list(path, options),
    read: async (path) => {
      const file = await storage.read(path);
      const read: StoredFile['read'] = (target, position) =>
        position === 0 ? file.read(target, position) : Promise.reject(new Error('the disk is gone'));
      return { entry: file.entry, read, etag: () => file.etag(), close: () => file.close() };
    },
  };
  const filled = await serve({ storage });
  await filled.connect().writeFile('big', bytesOf(600_000));
  const { port } = await serve({ storage: failing });
  const wire = await greeted(port);
  wire.send('open id=1 op=download path=big window=0\n');
  expect(await wire.line()).toMatch(/^accept /);
  wire.send('ping token=1\n');
  expect(await wire.line()).toBe('pong token=1');
  wire.send('ack id=1 offset=0 window=600000\n');
  let line = await wire.line();
  for (let data = lengthOf(line); data !== undefined; data = lengthOf(line)) {
    await wire.payload(data);
    line = await wire.line();
  }
  expect(line).toMatch(/^error code=EIO id=1 /);
});

/** The length that a data frame says. */
function lengthOf(line: string | undefined): number | undefined {
  const length = /^data id=1 length=(\d+)$/.exec(line ?? '')?.[1];
  return length === undefined ? undefined : Number(length);
}
