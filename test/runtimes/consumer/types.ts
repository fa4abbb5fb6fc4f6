// A consumer in TypeScript: compiled with each way in which TypeScript finds a package, as an ES module and as CommonJS.
import { FileClient, FileServer, MemoryStorage, TransferError, type FileEntry } from 'socket-ftp';
import type { FileClient as ClientAlone, DownloadOptions } from 'socket-ftp/client';
import { codecContract } from 'socket-ftp/contracts';
import { builtinCodecs, type Codec } from 'socket-ftp/protocol';
import { connectedPair } from 'socket-ftp/testing';

interface Api {
  add(input: { a: number; b: number }): { sum: number };
}

const codec: Codec = builtinCodecs.json;
export const claims: readonly { name: string }[] = codecContract(codec);

export const noResume: DownloadOptions = { offset: 0 };

export async function use(): Promise<number> {
  const server = new FileServer<Api>({ storage: new MemoryStorage() });
  server.method('add', ({ a, b }) => ({ sum: a + b }));
  await server.listen(0);
  await using client = new FileClient<Api>({ port: server.port, codec });
  const entries: FileEntry[] = [];
  for await (const entry of client.list()) entries.push(entry);
  const alone: ClientAlone<Api> = client;
  await alone.ping();
  const { sum } = await client.call('add', { a: 1, b: 2 });
  // @ts-expect-error: the interface has no such method.
  await client.call('subtract', { a: 1, b: 2 }).catch((error: unknown) => TransferError.is(error));
  const pair = await connectedPair({ files: { a: 'b' } });
  await pair.close();
  return sum;
}
