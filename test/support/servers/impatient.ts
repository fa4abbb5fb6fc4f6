/** A server that ends paused transfers soon, and clients with small windows. */
import { once } from 'node:events';
import {
  MemoryStorage,
  type FileClient,
  type FileServerOptions,
  type TransferError,
} from '../../../src/index.js';
import { put } from '../../../src/contracts/storage/storage-fixture.js';
import { bytesOf } from '../bytes.js';
import { serve, type Served } from './serve.js';

/** The file `large`: larger than the window and the buffers of a stream together. */
export const LARGE = bytesOf(1_500_000);

export const impatient = { timeouts: { stallMs: 60 } };

/** Does not grow. */
export const small = { limits: { windowBytes: 65_536 } };

/** Serves with small windows and little patience. */
export async function serveSmall(options: FileServerOptions): Promise<Served> {
  const served = await serve({ ...impatient, ...options });
  return { ...served, connect: (own) => served.connect({ ...small, ...own }) };
}

/** Serves the file `large`. */
export async function serveLarge(options: FileServerOptions = {}): Promise<Served> {
  const storage = new MemoryStorage();
  await put(storage, 'large', LARGE);
  return serveSmall({ storage, ...options });
}

/** Resolves when the server has ended a request because of its client's pause, and the client knows that. */
export async function stall({ server }: Pick<Served, 'server'>, client?: FileClient): Promise<void> {
  for (;;) {
    const [{ error }] = (await once(server, 'requestEnd')) as [{ error: TransferError | undefined }];
    if (error?.code !== 'ETIMEDOUT') continue;
    await client?.ping();
    return;
  }
}
