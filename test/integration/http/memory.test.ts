/** The memory that clients of HTTP can make a server hold. */
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { FileEntry, FileServer, Storage } from '../../../src/index.js';
import { usedBytes } from '../../support/heap.js';
import { ask, serveHttp } from '../../support/http/ask.js';

const MIB = 1024 * 1024;
const CLIENTS = 8;

/** Turns of the event loop in which nothing moves, after which nothing more will. */
const QUIET_TURNS = 500;

/** Clients that send a request and read nothing of its answer. */
function neverReading(port: number, target: string): void {
  for (let count = 0; count < CLIENTS; count++) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    socket.pause().write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    onTestFinished(() => void socket.destroy());
  }
}

/** Resolves when all requests are under way and the server sends nothing more. */
async function settled(server: FileServer): Promise<void> {
  let bytes = -1;
  for (let quiet = 0; quiet < QUIET_TURNS || server.stats().totalConnections <= CLIENTS; quiet++) {
    await new Promise((resolve) => setImmediate(resolve));
    const { bytesSent } = server.stats();
    if (bytesSent !== bytes) quiet = 0;
    bytes = bytesSent;
  }
}

/** A directory with endless bytes in `large.bin`, and with `count` further entries. */
function endless(count: number): Storage {
  const mtime = new Date(0);
  const large = { path: 'large.bin', kind: 'file', size: 2 ** 40, mtime, etag: 'one' } as FileEntry;
  const root = { path: '', kind: 'directory', size: 0, mtime } as FileEntry;
  return {
    stat: async (path) => (path === '' ? root : large),
    read: async () => ({
      entry: large,
      read: async (target) => target.length,
      etag: async () => 'one',
      close: async () => undefined,
    }),
    async *list() {
      yield large;
      for (let index = 0; index < count; index++)
        yield { ...large, path: `a-file-with-a-name-${index}` } as FileEntry;
    },
  };
}

describe('clients that do not read', () => {
  it.each([
    ['a file', '/large.bin', 0],
    ['an archive', '/?archive=tar', 0],
    ['a long page', '/', 300_000],
  ])(
    '%s hold a few MiB each',
    async (_, target, entries) => {
      const { server, port } = await serveHttp({}, { storage: endless(entries) });
      // Loads what answers HTTP.
      await ask(port, 'HEAD /');
      const before = await usedBytes();
      neverReading(port, target);
      await settled(server);
      expect(server.connections().length).toBeGreaterThanOrEqual(CLIENTS);
      expect((await usedBytes()) - before).toBeLessThan(CLIENTS * 4 * MIB);
    },
    60_000,
  );
});
