/** A server and clients for one test, over real TCP on loopback; all is closed when the test ends. */
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { duplexPair, type Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import {
  FileClient,
  FileServer,
  MemoryStorage,
  type FileClientOptions,
  type FileServerOptions,
} from '../../../src/index.js';

/** A listening server, and a factory of its clients. */
export interface Served {
  readonly server: FileServer;
  readonly port: number;
  /** A new client of the server. */
  connect(options?: FileClientOptions): FileClient;
}

/** Starts a server on a free port. */
export async function serve(options: FileServerOptions): Promise<Served> {
  const server = await new FileServer(options).listen(0);
  onTestFinished(async () => {
    server.destroy();
    await server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    server,
    port,
    connect(clientOptions = {}) {
      const client = new FileClient({ port, ...clientOptions });
      onTestFinished(() => client.destroy());
      return client;
    },
  };
}

/** Files in memory. */
export async function storageOf(files: Record<string, string | Uint8Array>): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  const server = new FileServer({ storage });
  const client = new FileClient({ connect: () => connectionTo(server) });
  for (const [name, data] of Object.entries(files)) await client.writeFile(name, data);
  await client.close();
  await server.close();
  return storage;
}

/** The client's end of a new connection in memory. */
export function connectionTo(server: FileServer, [near, far]: [Duplex, Duplex] = duplexPair()): Duplex {
  server.accept(far);
  return near;
}

/** Starts a server of files in memory. */
export async function serveFiles(files: Record<string, string | Uint8Array> = {}): Promise<Served> {
  return serve({ storage: await storageOf(files) });
}

/** An empty directory that is removed when the test ends. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'socket-ftp-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
