/** A proxy that cuts connections, for clients that open their own: it forwards TCP unchanged, with TLS or without. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** Which way the bytes go that are counted. */
export type Way = 'toServer' | 'toClient';

/** Listens, and cuts each of the first connections when so many bytes have gone through. Resolves with its port. */
export async function cuttingProxy(
  port: number,
  { bytes, way, times }: { bytes: number; way: Way; times: number },
): Promise<{ port: number; cuts: () => number }> {
  let cuts = 0;
  const proxy = createServer((client) => {
    const server = connect({ port, host: '127.0.0.1' });
    const [from, to] = way === 'toServer' ? [client, server] : [server, client];
    let gone = 0;
    from.on('data', (chunk) => {
      gone += chunk.length;
      if (gone < bytes || cuts >= times) return;
      cuts += 1;
      from.destroy();
      to.resetAndDestroy();
    });
    join(client, server);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => void proxy.close());
  return { port: (proxy.address() as AddressInfo).port, cuts: () => cuts };
}

function join(client: Socket, server: Socket): void {
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    from.on('error', () => undefined);
    from.pipe(to);
    from.once('close', () => to.destroy());
  }
}
