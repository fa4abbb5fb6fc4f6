/** A client and a server that lies: named after incidents of other programs. */
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { isPortablePath, type FileClient } from '../../../src/index.js';
import { clientOf } from '../../support/servers/unfriendly.js';

function listing(entries: string, end = 'result id=1'): string {
  const length = Buffer.byteLength(entries);
  return `accept id=1 kind=directory\ndata id=1 length=${length}\n${entries}\n${end} bytes=${length}\n`;
}

async function names(client: FileClient, path?: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of client.list(path)) found.push(entry.path);
  return found;
}

describe('basic-ftp 2026: a listing does not write outside the client’s folder', () => {
  it.each([
    ['a parent', 'entry path=../x kind=file size=1 mtime=1\n'],
    ['an absolute path', 'entry path=/etc/passwd kind=file size=1 mtime=1\n'],
    ['a backslash', 'entry path=a\\b kind=file size=1 mtime=1\n'],
    ['a path below what was asked for', 'entry path=a/b kind=file size=1 mtime=1\n'],
    ['a kind that is not known', 'entry path=x kind=symlink size=1 mtime=1\n'],
    ['something else than an entry', 'ping token=1\n'],
    ['a line that is none', '\n'],
  ])('%s is EPROTO', async (_name, entries) => {
    await expect(names(await clientOf(listing(entries)))).rejects.toMatchObject({
      code: 'EPROTO',
      operation: 'list',
    });
  });

  it.each(['NUL.txt', 'C:x', 'a.txt:stream', '..%20', 'a.'])(
    'a name that leads elsewhere on Windows is listed, and is not portable: %s',
    async (word) => {
      const found = await names(await clientOf(listing(`entry path=${word} kind=file size=1 mtime=1\n`)));
      expect(found).toEqual([decodeURIComponent(word)]);
      expect(found.map(isPortablePath)).toEqual([false]);
    },
  );

  it('entries of another directory are EPROTO', async () => {
    const answer = listing('entry path=other/x kind=file size=1 mtime=1\n').replace(
      'kind=directory',
      'path=mine kind=directory',
    );
    await expect(names(await clientOf(answer), 'mine')).rejects.toMatchObject({ code: 'EPROTO' });
  });

  it('a listing with fewer entries than it declares is EBADMSG', async () => {
    const answer = listing('entry path=x kind=file size=1 mtime=1\n').replace(/bytes=\d+/, 'bytes=99');
    await expect(names(await clientOf(answer))).rejects.toMatchObject({ code: 'EBADMSG' });
  });
});

describe('a modification time outside of the range of Date', () => {
  const entry = 'kind=file size=1 mtime=8640000000000001';

  it.each([
    ['stat', (client: FileClient) => client.stat('x'), `result id=1 path=x ${entry}\n`],
    ['readFile', (client: FileClient) => client.readFile('x'), `accept id=1 path=x offset=0 ${entry}\n`],
    ['list', (client: FileClient) => names(client), listing(`entry path=x ${entry}\n`)],
  ])('is EPROTO for %s', async (_name, ask, answer) => {
    await expect(ask(await clientOf(answer))).rejects.toMatchObject({ code: 'EPROTO' });
  });
});

describe('a download succeeds only if all bytes arrive unchanged', () => {
  it.each([
    ['another path', 'accept id=1 path=other kind=file offset=0 size=1 mtime=1\n', 'EPROTO'],
    ['another offset', 'accept id=1 path=x kind=file offset=1 size=5 mtime=1\n', 'EPROTO'],
    ['data before accept', 'data id=1 length=1\nx\n', 'EPROTO'],
    [
      'a result before the data',
      'accept id=1 path=x kind=file offset=0 size=5 mtime=1\nresult id=1 bytes=5\n',
      'EBADMSG',
    ],
    [
      'fewer bytes than the size',
      'accept id=1 path=x kind=file offset=0 size=5 mtime=1\ndata id=1 length=1\nx\nresult id=1 bytes=1\n',
      'EBADMSG',
    ],
    [
      'more bytes than the size',
      'accept id=1 path=x kind=file offset=0 size=1 mtime=1\ndata id=1 length=2\nxx\nresult id=1 bytes=2\n',
      'EPROTO',
    ],
    [
      'another checksum',
      'accept id=1 path=x kind=file offset=0 size=1 mtime=1 checksum=crc32\ndata id=1 length=1\nx\nresult id=1 bytes=1 checksum=crc32:00000000\n',
      'EBADMSG',
    ],
    [
      'no checksum where one was agreed on',
      'accept id=1 path=x kind=file offset=0 size=1 mtime=1 checksum=crc32\ndata id=1 length=1\nx\nresult id=1 bytes=1\n',
      'EPROTO',
    ],
    [
      'a frame for a channel that is not open',
      'accept id=3 path=x kind=file offset=0 size=1 mtime=1\n',
      'EPROTO',
    ],
    [
      'more than the window',
      'accept id=1 path=x kind=file offset=0 size=9000000 mtime=1\n' +
        `data id=1 length=65536\n${'x'.repeat(65_536)}\n`.repeat(36),
      'EFLOOD',
    ],
    ['an error', 'error code=EBUSY id=1 message=later retryable=true\n', 'EBUSY'],
    ['something that is no codec', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'EPROTO'],
  ])('%s', async (_name, answer, code) => {
    const client = await clientOf(answer);
    const download = client.download('x');
    const failure = new Promise((resolve) => download.once('error', resolve));
    if (code !== 'EFLOOD') download.resume();
    expect(await failure).toMatchObject({ name: 'TransferError', code, path: 'x' });
  });
});

describe('a client that asks for sha256', () => {
  const empty = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  const download = (named: string, checksum = ''): string =>
    `accept id=1 path=x kind=file offset=0 size=0 mtime=1 etag=v1${named}\nresult id=1 bytes=0${checksum}\n`;
  const list = (named: string, checksum = ''): string =>
    `accept id=1 kind=directory${named}\nresult id=1 bytes=0${checksum}\n`;
  const upload = (named: string, checksum = ''): string =>
    `accept id=1 path=x window=65536${named}\nresult id=1 path=x kind=file size=0 mtime=1 bytes=0${checksum}\n`;
  const calls = [
    { name: 'readFile', call: (client: FileClient) => client.readFile('x'), answer: download, word: 'open ' },
    { name: 'readdir', call: (client: FileClient) => client.readdir(), answer: list, word: 'open ' },
    {
      name: 'writeFile',
      call: (client: FileClient) => client.writeFile('x', ''),
      answer: upload,
      word: 'end ',
    },
  ];

  it.each(calls)('gets it by $name', async ({ call, answer, word }) => {
    const client = await clientOf(answer(' checksum=sha256', ` checksum=${empty}`), word, {
      checksum: 'sha256',
    });
    await call(client);
  });

  it.each(
    calls.flatMap(({ name, call, answer, word }) =>
      [
        ['none', answer(' checksum=none')],
        ['crc32', answer(' checksum=crc32', ' checksum=crc32:00000000')],
        ['nothing', answer('')],
        ['no checksum of the body', answer(' checksum=sha256')],
        ['a checksum by another algorithm', answer(' checksum=sha256', ' checksum=crc32:00000000')],
      ].map(([what, text = '']) => ({ name, what, call, text, word })),
    ),
  )('is rejected by $name with EPROTO if the server offers $what', async ({ call, text, word }) => {
    const client = await clientOf(text, word, { checksum: 'sha256' });
    await expect(call(client)).rejects.toMatchObject({ code: 'EPROTO' });
  });

  it('rejects the operation checksum with EPROTO if it has no sha256', async () => {
    for (const checksum of ['', ' checksum=crc32:00000000']) {
      const client = await clientOf(`result id=1 size=0 etag=v1${checksum}\n`);
      await expect(client.checksum('x')).rejects.toMatchObject({ code: 'EPROTO' });
    }
  });

  it('rejects an algorithm that is not known', async () => {
    const client = await clientOf(download(' checksum=md5'), 'open ', { checksum: 'sha256' });
    await expect(client.readFile('x')).rejects.toMatchObject({ code: 'EPROTO' });
  });
});

describe('ftp-srv 4.6: an upload is stored only when the server has verified it', () => {
  it.each([
    [
      'a result before the end',
      'accept id=1 path=x window=65536\nresult id=1 path=x kind=file size=4 mtime=1 bytes=4\n',
      'EPROTO',
    ],
    ['another path', 'accept id=1 path=other window=65536\n', 'EPROTO'],
    [
      'an ack of what was not sent',
      'accept id=1 path=x window=65536\nack id=1 offset=99999 window=1\n',
      'EPROTO',
    ],
    ['the end of the connection', 'accept id=1 path=x window=65536\nerror code=EIO message=bye\n', 'EIO'],
  ])('%s is not success', async (_name, answer, code) => {
    const client = await clientOf(answer);
    const upload = client.upload('x');
    const failure = new Promise((resolve) => upload.once('error', resolve));
    upload.write('half');
    expect(await failure).toMatchObject({ name: 'TransferError', code });
    await expect(upload.completed).rejects.toMatchObject({ code });
  });

  it('a result about fewer bytes or another checksum is EBADMSG', async () => {
    for (const result of [
      'size=3 bytes=3 checksum=crc32:00000000',
      'size=4 bytes=4 checksum=crc32:00000000',
    ]) {
      const client = await clientOf(
        `accept id=1 path=x window=65536 checksum=crc32\nresult id=1 path=x kind=file mtime=1 ${result}\n`,
        'end ',
      );
      await expect(client.writeFile('x', 'full')).rejects.toMatchObject({ code: 'EBADMSG' });
    }
  });
});

describe('an append whose server sends a result before it accepts the append', () => {
  const answer = 'result id=1 path=x kind=file size=3 mtime=1 etag=x\n';

  it('rejects with EPROTO, and throws nothing out of a write', async () => {
    const stream = (await clientOf(answer)).append('x');
    const source = new PassThrough();
    const piping = pipeline(source, stream);
    source.write('a');
    await expect(piping).rejects.toMatchObject({ code: 'EPROTO' });
    expect(() => stream.write('b')).not.toThrow();
  });

  it('rejects with EPROTO before the first write', async () => {
    const stream = (await clientOf(answer)).append('x');
    stream.on('error', () => undefined);
    await expect(stream.completed).rejects.toMatchObject({ code: 'EPROTO' });
  });
});
