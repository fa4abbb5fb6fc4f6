/** Connections that are lost before the server accepts them, and logins that wait for their check. */
import { Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { MemoryStorage, type ConnectionInfo, type TransferError } from '../../../src/index.js';
import { Semaphore } from '../../../src/server/auth/semaphore.js';
import { Wire } from '../../support/frames/wire.js';
import { serve } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';

describe('a connection that was reset before it is accepted', () => {
  it('is lost, and neither a rejected login nor a rejected connection', async () => {
    const authenticate = vi.fn(() => false as const);
    const { server, port } = await serve({
      storage: new MemoryStorage(),
      authenticate,
      limits: { maxConnectionsPerAddress: 1 },
    });
    const errors: (TransferError | undefined)[] = [];
    const rejected: unknown[] = [];
    server.on('disconnect', (_info: ConnectionInfo, error) => errors.push(error));
    server.on('rejected', (...args) => rejected.push(args));
    // As the system reports a socket that was reset.
    const sockets = Socket.prototype as unknown as { _getpeername(): object };
    vi.spyOn(sockets, '_getpeername').mockReturnValue({});
    const wires = await Promise.all([Wire.connect(port), Wire.connect(port), Wire.connect(port)]);
    for (const wire of wires) wire.send('hello version=1 user=ann password=secret\n');
    await until(() => server.stats().totalConnections === 3);
    for (const wire of wires) await wire.line();
    for (const wire of wires) wire.socket.destroy();
    await until(() => errors.length === 3);
    expect(errors.map((error) => error?.code)).toEqual(['ECONNRESET', 'ECONNRESET', 'ECONNRESET']);
    expect(rejected).toEqual([]);
    expect(server.stats()).toMatchObject({ rejectedLogins: 0, rejectedConnections: 0, connections: 0 });
    expect(authenticate).not.toHaveBeenCalled();
  });
});

describe('a login whose check takes too long', () => {
  it('ends with an error that says so, not that there was no hello', async () => {
    const authenticate = (): Promise<false> => new Promise(() => undefined);
    const { port } = await serve({
      storage: new MemoryStorage(),
      authenticate,
      timeouts: { handshakeMs: 100 },
    });
    const wire = await Wire.connect(port);
    wire.send('hello version=1 user=ann password=secret\n');
    const line = decodeURIComponent((await wire.line()) ?? '');
    expect(line).toMatch(/^error .*code=ETIMEDOUT/);
    expect(line).toContain('The login was not checked within 100 ms.');
  });

  it('leaves the queue after its time limit, with EAGAIN, and the next one has its turn', async () => {
    vi.useFakeTimers();
    try {
      const semaphore = new Semaphore({ running: 1, waitMs: 5_000 });
      let go = (): void => undefined;
      const running = semaphore.run(() => new Promise<void>((resolve) => (go = resolve)));
      let hasRun = false;
      const late = semaphore.run(async () => void (hasRun = true));
      late.catch(() => undefined);
      vi.advanceTimersByTime(4_000);
      const next = semaphore.run(async () => 'next');
      vi.advanceTimersByTime(1_000);
      await expect(late).rejects.toMatchObject({ code: 'EAGAIN', retryable: true });
      go();
      await running;
      expect(await next).toBe('next');
      expect(hasRun).toBe(false);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});
