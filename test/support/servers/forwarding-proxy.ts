/** A proxy that announces its clients by the PROXY protocol: it forwards TCP unchanged behind a header. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type NetConnectOpts, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface ForwardingProxy {
  readonly port: number;
  /** The header of the connections from now on. */
  header: Buffer;
}

/** Starts a proxy before a server. Every byte of the header is sent by itself. */
export async function forwardingProxy(server: NetConnectOpts, header: Buffer): Promise<ForwardingProxy> {
  const listener = createServer(
    { allowHalfOpen: true },
    (client) => void forward(client, server, proxy.header),
  );
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  onTestFinished(() => void listener.close());
  const proxy = { port: (listener.address() as AddressInfo).port, header };
  return proxy;
}

async function forward(client: Socket, where: NetConnectOpts, header: Buffer): Promise<void> {
  const server = connect({ noDelay: true, allowHalfOpen: true, ...where });
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    from.on('error', () => undefined);
    from.once('close', () => to.destroy());
  }
  await once(server, 'connect');
  for (const byte of header) await new Promise((resolve) => server.write(Buffer.from([byte]), resolve));
  client.pipe(server);
  server.pipe(client);
}
