/** A server and clients for one test, over real TCP on loopback; all is closed when the test ends. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import type { FileClient, FileClientOptions, FileServer, FileServerOptions } from '../../../src/index.js';
import { faultyWire, memoryFiles, testServer } from '../../../src/testing/index.js';

/** A listening server, and a factory of its clients. */
export interface Served {
  readonly server: FileServer;
  readonly port: number;
  /** A new client of the server. */
  connect(options?: FileClientOptions): FileClient;
}

/** Starts a server on a free port. */
export async function serve(options: FileServerOptions): Promise<Served> {
  const place = await testServer(options);
  onTestFinished(() => place.close());
  const { server, port } = place;
  return { server, port, connect: (clientOptions) => place.connect(clientOptions) };
}

/** Files in memory. */
export const storageOf = memoryFiles;

/** The client's end of a new connection in memory. */
export function connectionTo(server: FileServer, [near, far] = pairInMemory()): Duplex {
  server.accept(far);
  return near;
}

function pairInMemory(): [Duplex, Duplex] {
  const { client, server } = faultyWire();
  return [client, server];
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
