/** The abused server, its files, and the state that must be the same afterwards. */
import { pipeline } from 'node:stream/promises';
import type { AddressInfo } from 'node:net';
import { FileClient, FileServer, MemoryStorage } from '../../../../src/index.js';
import { bytesOf } from '../../../support/bytes.js';
import { huge } from './bystander.js';

/** The files that no case may change, by path. */
const files: Readonly<Record<string, string | Uint8Array>> = {
  small: 'small',
  target: 'older',
  'docs/one': 'one',
  large: bytesOf(300_000),
};

/** Opens a server over a storage of those files. */
export async function openScene(): Promise<{ server: FileServer; port: number }> {
  const server = await new FileServer({ storage: new MemoryStorage() })
    .method('echo', (input) => input)
    .streamMethod('echo-stream', (duplex) => pipeline(duplex, duplex))
    .listen(0);
  const { port } = server.address() as AddressInfo;
  const client = new FileClient({ port });
  await client.mkdir('docs');
  for (const [path, content] of Object.entries(files)) await client.writeFile(path, content);
  await client.writeFile('huge', huge);
  await client.close();
  return { server, port };
}

/** The files that have changed. */
export async function changedFiles(client: FileClient): Promise<string[]> {
  const wrong: string[] = [];
  for (const [path, content] of Object.entries(files)) {
    const is = await client.readFile(path);
    if (!is.equals(Buffer.from(content))) wrong.push(`${path} has changed`);
  }
  const known = new Set([...Object.keys(files), 'docs', 'huge']);
  for await (const { path } of client.list('', { recursive: true })) {
    if (!known.has(path) && !path.startsWith('allowed')) wrong.push(`${path} has come`);
  }
  return wrong;
}
