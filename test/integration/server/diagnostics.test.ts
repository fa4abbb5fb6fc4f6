/** The content of `node:diagnostics_channel` messages, and what they must not contain. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { inspect } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { MemoryStorage } from '../../../src/index.js';
import { serve } from '../../support/servers/serve.js';

const SECRET = 'correct horse battery staple';

function listenTo(...names: string[]): { name: string; message: unknown }[] {
  const heard: { name: string; message: unknown }[] = [];
  for (const name of names) {
    const listener = (message: unknown): void => void heard.push({ name, message });
    subscribe(`socket-ftp:${name}`, listener);
    onTestFinished(() => void unsubscribe(`socket-ftp:${name}`, listener));
  }
  return heard;
}

it('the diagnostics channels publish connections, logins, rejections and requests, and no secret', async () => {
  const heard = listenTo('connection', 'disconnect', 'login', 'rejected', 'request:start', 'request:end');
  const { server, connect } = await serve({
    storage: new MemoryStorage(),
    authenticate: ({ user, password }) => (password === SECRET && user ? { name: user } : undefined),
  });
  const client = connect({ user: 'anna', password: SECRET });
  await client.writeFile('a', 'four');
  const over = once(server, 'disconnect');
  await client.close();
  await over;
  const refused = once(server, 'rejected');
  await expect(connect({ user: 'eve', password: `not ${SECRET}` }).connect()).rejects.toThrow('EAUTH');
  await refused;
  expect(heard.map(({ name }) => name)).toEqual([
    'connection',
    'login',
    'request:start',
    'request:end',
    'disconnect',
    'connection',
    'rejected',
  ]);
  expect(heard.map(({ message }) => message)).toMatchObject([
    { connection: { id: 1, remoteAddress: '127.0.0.1' } },
    { connection: { user: 'anna' } },
    { connection: { user: 'anna' }, operation: 'upload', path: 'a' },
    { operation: 'upload', path: 'a', bytes: 4 },
    { connection: { id: 1 }, error: undefined },
    { connection: { id: 2 } },
    { connection: { id: 2, user: undefined }, user: 'eve', error: { code: 'EAUTH' } },
  ]);
  expect(inspect(heard, { depth: 10, showHidden: true })).not.toContain(SECRET);
});
