/** The requests of a client, and checks of their results. */
import { text } from 'node:stream/consumers';
import type { FileEntry, FileClient } from '../../../../src/index.js';
import { contextOf } from '../../../../src/client/base-client.js';
import { downloadBatch } from '../../../../src/client/batches/download-batch.js';
import type { ClientRequest } from '../abuse-case.js';

/** The transferred content. */
export const CONTENT = 'hello';
/** Its checksum. */
export const CONTENT_SUM = 'crc32:3610a686';
/** When it was changed. */
export const MTIME = 1_700_000_000_000;

/** Each resolves with `done`, or with the error of the result. */
export const clientRequests: Record<ClientRequest, (client: FileClient) => Promise<string>> = {
  read: async (client) => verdict(await client.readFile('x', 'utf8'), CONTENT),
  write: async (client) => verdict((await client.writeFile('x', CONTENT)).size, CONTENT.length),
  list: (client) => entries(client, 'docs', false),
  tree: (client) => entries(client, 'docs', true),
  stat: async (client) => fileVerdict(await client.stat('x')),
  mkdir: async (client) => verdict(await client.mkdir('x'), undefined),
  rename: async (client) => verdict(await client.rename('x', 'y'), undefined),
  copy: async (client) => fileVerdict(await client.copy('y', 'x')),
  stream: async (client) => {
    const stream = client.open('x');
    const { result } = stream;
    stream.end(CONTENT);
    const received = await text(stream);
    await result;
    return verdict(received, CONTENT);
  },
  call: async (client) => verdict(JSON.stringify(await client.call('m', 1)), '{"a":1}'),
  methods: async (client) => {
    const names: string[] = [];
    for await (const { name } of client.methods()) names.push(name);
    return verdict(names.join(), 'm');
  },
  watch: async (client) => {
    for await (const event of client.watch('docs', { recursive: true, snapshot: true })) {
      if ('entry' in event && !isSound(event.entry)) return `gives ${JSON.stringify(event)}`;
      if (event.kind === 'created') return verdict(event.entry.path, 'docs/a');
    }
    return 'ends';
  },
  follow: async (client) => {
    // It has no other end than a failure.
    let received = '';
    for await (const piece of client.download('x', { follow: true })) received += String(piece);
    return `ends after ${received.slice(0, 100)}`;
  },
  fetch: async (client) => {
    const files = ['x', 'y'].map((path) => ({ path, maxBytes: CONTENT.length }));
    const fetched = await downloadBatch(contextOf(client), files);
    for (const { error } of fetched) if (error) throw error;
    return verdict(fetched.map((each) => String(each.error ?? each.bytes)).join(), `${CONTENT},${CONTENT}`);
  },
  checksum: async (client) => verdict(await client.checksum('x', 'crc32'), 'crc32:3610a686'),
};

async function entries(client: FileClient, path: string, recursive: boolean): Promise<string> {
  const found: string[] = [];
  for await (const entry of client.list(path, { recursive })) {
    if (!isSound(entry)) return `gives ${JSON.stringify(entry)}`;
    found.push(entry.path);
  }
  return verdict(found.join(), 'docs/a');
}

function fileVerdict(entry: FileEntry): string {
  if (!isSound(entry)) return `gives ${JSON.stringify(entry)}`;
  return verdict(entry.path, 'x');
}

function isSound({ size, mtime, kind }: FileEntry): boolean {
  const isKnown = kind === 'file' || kind === 'directory';
  return isKnown && Number.isSafeInteger(size) && size >= 0 && !Number.isNaN(mtime.getTime());
}

function verdict(is: unknown, must: unknown): string {
  return is === must ? 'done' : `gives ${String(is).slice(0, 100)}`;
}
