/** Single values of an answer that are wrong, missing or about something else. None of them reaches the program. */
import { describe, expect, it } from 'vitest';
import type { FileClient, TransferError } from '../../../src/index.js';
import { clientOf } from '../../support/servers/unfriendly.js';

type Call = (client: FileClient) => Promise<unknown>;

const calls = {
  stat: (client) => client.stat('x'),
  utimes: (client) => client.utimes('x', new Date(1)),
  chmod: (client) => client.chmod('x', 0o644),
  copy: (client) => client.copy('w', 'x'),
  writeFile: (client) => client.writeFile('x', 'abc'),
  readFile: (client) => client.readFile('x'),
  readdir: (client) => client.readdir('x'),
  mkdir: (client) => client.mkdir('x'),
  remove: (client) => client.remove('x', { recursive: true }),
  rename: (client) => client.rename('w', 'x'),
  checksum: (client) => client.checksum('x'),
} satisfies Record<string, Call>;

type Name = keyof typeof calls;

function callOf(name: string): Call {
  return calls[name as Name];
}

const ENTRY = 'result id=1 path=x kind=file size=3 mtime=1';

/** The checksum of `abc`. */
const ABC = 'checksum=crc32:352441c2';

async function errorOf(call: Call, answer: string, word = 'open '): Promise<TransferError> {
  const client = await clientOf(answer, word);
  return (await call(client).then(fail, (error: unknown) => error)) as TransferError;
}

function fail(): never {
  return expect.fail('The call has resolved.');
}

describe('an answer without a field that it must have', () => {
  it.each(['stat', 'utimes', 'chmod', 'copy'])('is EPROTO for %s', async (name) => {
    for (const field of [/ size=3/, / mtime=1/, / kind=file/, / path=x/]) {
      const error = await errorOf(callOf(name), `${ENTRY.replace(field, '')}\n`);
      expect([field, error.code]).toEqual([field, 'EPROTO']);
    }
  });

  it.each([/ size=3/, / mtime=1/, / kind=file/, / path=x/])(
    'is EPROTO for a download (%s)',
    async (field) => {
      const accept = 'accept id=1 path=x kind=file offset=0 size=3 mtime=1'.replace(field, '');
      const answer = `${accept}\ndata id=1 length=3\nabc\nresult id=1 bytes=3\n`;
      expect(await errorOf(calls.readFile, answer)).toMatchObject({ code: 'EPROTO', operation: 'download' });
    },
  );

  it('is EPROTO for an entry of a listing', async () => {
    for (const entry of ['kind=file size=1', 'kind=file mtime=1', 'kind=directory']) {
      const line = `entry path=x/a ${entry}\n`;
      const answer = `accept id=1 path=x kind=directory\ndata id=1 length=${line.length}\n${line}\nresult id=1 bytes=${line.length}\n`;
      expect(await errorOf(calls.readdir, answer)).toMatchObject({ code: 'EPROTO', operation: 'list' });
    }
  });
});

describe('an answer about something else', () => {
  it.each([
    ['copy', 'result id=1 path=x kind=directory mtime=1\n'],
    ['readFile', 'accept id=1 path=x kind=directory offset=0 size=0 mtime=1\nresult id=1 bytes=0\n'],
    ['readdir', 'accept id=1 path=x kind=file\nresult id=1 bytes=0\n'],
    ['mkdir', 'result id=1 path=other\n'],
    ['rename', 'result id=1 path=w\n'],
  ])('is EPROTO for %s', async (name, answer) => {
    expect(await errorOf(callOf(name), answer)).toMatchObject({ code: 'EPROTO' });
  });

  it.each([
    ['a directory', `kind=directory size=3 mtime=1 bytes=3 ${ABC}`, 'EPROTO'],
    ['no size', `kind=file mtime=1 bytes=3 ${ABC}`, 'EPROTO'],
    ['a larger file', `kind=file size=5 mtime=1 bytes=3 ${ABC}`, 'EBADMSG'],
    ['a smaller file', `kind=file size=2 mtime=1 bytes=3 ${ABC}`, 'EBADMSG'],
    ['other bytes', `kind=file size=3 mtime=1 bytes=5 ${ABC}`, 'EBADMSG'],
  ])('is an error of an upload: %s', async (_what, result, code) => {
    const answer = `accept id=1 path=x window=65536 checksum=crc32\nresult id=1 path=x ${result}\n`;
    expect(await errorOf(calls.writeFile, answer, 'end ')).toMatchObject({ code });
  });

  it('is EBADMSG for an append to a file that is smaller than its bytes', async () => {
    const append: Call = (client) => client.append('x', { ifMatch: 'v' }).end('abc').completed;
    const answer = (size: number): string =>
      `accept id=1 path=x window=65536 checksum=crc32\nresult id=1 path=x kind=file size=${size} mtime=1 bytes=3 ${ABC}\n`;
    expect(await errorOf(append, answer(2), 'end ')).toMatchObject({ code: 'EBADMSG' });
    await expect(append(await clientOf(answer(9), 'end '))).resolves.toMatchObject({ size: 9 });
  });
});

describe('an error of a server', () => {
  it.each(['', 'two%20words', '1', '%C3%A9', 'E'.repeat(65)])('with the code %j is EPROTO', async (code) => {
    expect(await errorOf(calls.stat, `error id=1 code=${code} message=m\n`)).toMatchObject({
      code: 'EPROTO',
      operation: 'stat',
      path: 'x',
    });
  });

  it('with an invalid code ends the connection with EPROTO', async () => {
    expect(await errorOf(calls.stat, 'error code= message=m\n')).toMatchObject({ code: 'EPROTO' });
  });

  it('may have a code of its own, and has a message of at most 500 characters', async () => {
    const error = await errorOf(calls.stat, `error id=1 code=MY_CODE-1.x message=${'m'.repeat(2_000)}\n`);
    expect(error).toMatchObject({ code: 'MY_CODE-1.x', reason: 'm'.repeat(500) });
  });

  it.each([
    ['stat', 'other', 'x'],
    ['stat', '/etc/passwd', 'x'],
    ['stat', 'x/below', 'x'],
    ['remove', 'x/below', 'x/below'],
    ['remove', 'xy', 'x'],
    ['rename', 'x', 'x'],
    ['rename', 'w', 'w'],
    ['rename', 'other', 'w'],
    ['readFile', 'other', 'x'],
    ['writeFile', 'other', 'x'],
    ['readdir', 'other', 'x'],
  ])('of %s with the path %s is about %s', async (name, named, path) => {
    const answer = `error id=1 code=EACCES path=${named}\n`;
    expect(await errorOf(callOf(name), answer)).toMatchObject({ code: 'EACCES', path });
  });
});

describe('a frame that an operation does not have', () => {
  it.each(['stat', 'mkdir', 'remove', 'rename', 'copy', 'utimes', 'chmod', 'checksum'])(
    'is EPROTO: accept of %s',
    async (name) => {
      expect(await errorOf(callOf(name), 'accept id=1 path=x\n')).toMatchObject({ code: 'EPROTO' });
    },
  );

  it('is EPROTO: data to an upload, even without bytes', async () => {
    const answer = 'accept id=1 path=x window=65536\ndata id=1 length=0\n\n';
    expect(await errorOf(calls.writeFile, answer)).toMatchObject({ code: 'EPROTO' });
  });

  it('is EPROTO: an ack of bytes to stat', async () => {
    expect(await errorOf(calls.stat, 'ack id=1 offset=1 window=1\n')).toMatchObject({ code: 'EPROTO' });
  });
});
