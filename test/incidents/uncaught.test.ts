/** socket.io, tus, jsftp, multer: one bad packet, or a reset at a bad moment, was an uncaught exception. */
import { connect as connectTo } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { bytesOf } from '../support/bytes.js';
import { clientAt, scripted } from '../support/servers/scripted.js';
import { serveFiles } from '../support/servers/serve.js';
import { uncaughtDuring, WELCOME } from '../support/servers/unfriendly.js';

/** The frames of a client before it resets the connection. */
const moments = {
  nothing: '',
  'half a word': 'hel',
  'its hello': 'hello version=1\n',
  'a download': 'hello version=1\nopen id=1 op=download path=large window=9999999\n',
  'half of an upload': 'hello version=1\nopen id=1 op=upload path=new\ndata id=1 length=9\nhalf',
  'a listing and a cancel': 'hello version=1\nopen id=1 op=list\ncancel id=1\n',
  'a request that is wrong': 'hello version=1\nopen id=2 op=stat\n',
  'words of another protocol': 'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
  'bytes of no protocol': '\x00\xff\xfe\x16\x03\x01\x80\x00',
};

describe('socket.io, tus, jsftp, multer: a reset causes no uncaught exception', () => {
  it.each(Object.entries(moments))('in a server, after %s', async (_, said) => {
    const { port, connect } = await serveFiles({ large: bytesOf(5_000_000), small: 'small' });
    const caught = await uncaughtDuring(async () => {
      for (const waitsForAnswer of [false, true]) {
        await reset({ port, said, waitsForAnswer: waitsForAnswer && said.includes('\n') });
      }
      expect(await connect().readFile('small', 'utf8')).toBe('small');
    });
    expect(caught).toEqual([]);
  });

  it.each([
    ['nothing', ''],
    ['half a word', 'wel'],
    ['its welcome', WELCOME],
    [
      'the beginning of a file',
      `${WELCOME}accept id=1 path=x kind=file offset=0 size=9 mtime=1\ndata id=1 length=9\nhalf`,
    ],
    ['bytes of no protocol', '\x00\xff\xfe\x16\x03\x01'],
    ['an answer to nobody', `${WELCOME}result id=99 bytes=1\n`],
  ])('in a client, after %s', async (_, said) => {
    const { port } = await scripted('hello', (_connection, socket) => {
      socket.write(said, () => socket.resetAndDestroy());
    });
    const caught = await uncaughtDuring(async () => {
      const client = clientAt(port, { reconnect: false, checksum: 'none' });
      const asked = [client.stat('x'), client.readFile('x'), client.writeFile('x', 'full')];
      const ends = await Promise.allSettled(asked);
      expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
      // Streams without listeners.
      client.upload('y').destroy();
      client.download('y').destroy();
      await client.close();
    });
    expect(caught).toEqual([]);
  });
});

interface Reset {
  readonly port: number;
  readonly said: string;
  readonly waitsForAnswer: boolean;
}

async function reset({ port, said, waitsForAnswer }: Reset): Promise<void> {
  const socket = connectTo({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  if (said !== '') await new Promise((resolve) => socket.write(said, resolve));
  if (waitsForAnswer) await once(socket, 'data');
  const closed = once(socket, 'close');
  socket.resetAndDestroy();
  await closed;
}
