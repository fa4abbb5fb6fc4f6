/** Keep-alive timeouts that both ends declare and apply. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MemoryStorage } from '../../../src/index.js';
import { clientAt } from '../../support/servers/scripted.js';
import { serve } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';
import { Wire } from '../../support/frames/wire.js';

describe('a server whose client has a short keep-alive timeout', () => {
  it('declares its own timeout, and sends a ping in time', async () => {
    const { port } = await serve({ storage: new MemoryStorage() });
    const wire = await Wire.connect(port);
    wire.send('hello version=1 keepAliveTimeout=400\n');
    expect(await wire.line()).toMatch(/^welcome .* keepAliveTimeout=5000$/);
    // By its own options it would be 15 seconds until then.
    expect(await wire.line()).toBe('ping token=1');
  });

  it('disconnects the client after the timeout that it declared', async () => {
    const { server, port } = await serve({ storage: new MemoryStorage(), keepAlive: { timeoutMs: 400 } });
    const disconnected = once(server, 'disconnect');
    const wire = await Wire.connect(port);
    wire.send('hello version=1 keepAliveTimeout=300\n');
    expect(await wire.line()).toMatch(/^welcome .* keepAliveTimeout=400$/);
    expect((await disconnected)[1]).toMatchObject({ code: 'ETIMEDOUT' });
  });
});

describe('a peer that sends nothing', () => {
  it('is disconnected by a server whose keep-alive timeout is shorter than its handshake timeout', async () => {
    const { server, port } = await serve({ storage: new MemoryStorage(), keepAlive: { timeoutMs: 60 } });
    const disconnected = once(server, 'disconnect');
    const socket = connect(port);
    expect((await disconnected)[1]).toMatchObject({ reason: 'The peer sent nothing for 60 ms.' });
    socket.destroy();
  });

  it('is disconnected by a client whose keep-alive timeout is shorter than its connect timeout', async () => {
    const server = createServer((socket) => void socket.resume()).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await expect(clientAt(port, { keepAlive: { timeoutMs: 60 } }).connect()).rejects.toMatchObject({
      code: 'ETIMEDOUT',
      reason: 'The peer sent nothing for 60 ms.',
    });
  });
});

it('a client declares its keep-alive timeout, and sends pings to a server with a short one', async () => {
  const { port, heard } = await serverThatSays(
    'welcome version=1 maxFrame=65536 maxChannels=64 keepAliveTimeout=400\n',
  );
  await clientAt(port, { keepAlive: { timeoutMs: 30_000 } }).connect();
  expect(await heard('ping token=')).toMatch(/^hello version=1 .* keepAliveTimeout=30000 /);
});

/** A server that sends its first bytes at once, and lets the test wait for bytes of the client. */
async function serverThatSays(
  line: string,
): Promise<{ port: number; heard: (word: string) => Promise<string> }> {
  let text = '';
  const server = createServer((socket) => {
    socket.on('error', () => undefined).on('data', (chunk) => (text += chunk.toString()));
    socket.write(line);
    onTestFinished(() => void socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const heard = async (word: string): Promise<string> => {
    await until(() => text.includes(word));
    return text;
  };
  return { port: (server.address() as AddressInfo).port, heard };
}
