import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Input } from './input.mjs';

const server = createServer();
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
});

/** An input whose other end sends these bytes, and ends. */
async function receiving(bytes: Buffer, size = { bytes: 7, buffers: 3 }): Promise<Input> {
  server.listen(0, '127.0.0.1').once('connection', (socket) => {
    sockets.push(socket);
    socket.end(bytes);
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const input = new Input(size);
  const socket = connect({ port, host: '127.0.0.1', onread: input.onread });
  sockets.push(socket);
  input.attach(socket);
  return input;
}

describe('the input of plain Node', () => {
  it('gives lines that are longer and shorter than its buffers', async () => {
    const input = await receiving(Buffer.from('a\n\na longer line than that\nb'));
    const lines = [await input.line(), await input.line(), await input.line()];
    expect(lines).toEqual(['a', '', 'a longer line than that']);
    expect(await input.line()).toBeUndefined();
  });

  it('gives a body as it was sent, also to a slow reader', async () => {
    const body = Buffer.from(Array.from({ length: 500 }, (_, index) => index % 251));
    const input = await receiving(Buffer.concat([Buffer.from('head\n'), body, Buffer.from('next\n')]));
    expect(await input.line()).toBe('head');
    const received: Buffer[] = [];
    await input.body(body.length, async (chunk) => {
      // The socket fills other buffers meanwhile, never the one of this chunk.
      await new Promise((resolve) => setImmediate(resolve));
      received.push(Buffer.from(chunk));
    });
    expect(Buffer.concat(received)).toEqual(body);
    expect(await input.line()).toBe('next');
  });

  it('gives bytes at once only if all of them are there', async () => {
    const input = await receiving(Buffer.from('x\n12345'), { bytes: 64, buffers: 3 });
    expect(await input.line()).toBe('x');
    expect(input.bytesNow(6)).toBeUndefined();
    expect(input.bytesNow(5)?.toString()).toBe('12345');
    expect(input.bytesNow(1)).toBeUndefined();
  });

  it('fails when the connection ends within a body', async () => {
    const input = await receiving(Buffer.from('12'));
    await expect(input.body(3, () => undefined)).rejects.toThrow('closed within a body');
  });
});
