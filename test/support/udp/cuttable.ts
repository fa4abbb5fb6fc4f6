/** A proxy of TCP whose connections a test cuts. */
import { once } from 'node:events';
import { createServer, connect as dial, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Cuttable {
  readonly port: number;
  /** Resets all connections. Later ones go to the port `next`, if it is given. */
  cut(next?: number): void;
  close(): void;
}

/** Forwards TCP to a port of this host; `cut` resets all connections. It is closed when the test ends. */
export async function cuttable(port: number): Promise<Cuttable> {
  let target = port;
  const sockets = new Set<Socket>();
  const proxy = createServer((near) => {
    const far = dial(target, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket.on('error', () => undefined));
      socket.once('close', () => sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const cut = (next = target): void => {
    target = next;
    for (const socket of sockets) socket.resetAndDestroy();
    sockets.clear();
  };
  const close = (): void => {
    cut();
    proxy.close();
  };
  onTestFinished(close);
  return { port: (proxy.address() as AddressInfo).port, cut, close };
}
