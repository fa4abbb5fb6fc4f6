/**
 * A short session with every kind of request through a network with one fault, and the check of its outcome.
 * Each answer must be correct or an error with a code, and no unrequested change may happen.
 */
import { crc32 } from 'node:zlib';
import {
  FileClient,
  parseRemotePath,
  TransferError,
  type CodecName,
  type MemoryStorage,
} from '../../src/index.js';
import { bytesOf } from '../support/bytes.js';
import { sumText } from './audited-storage.js';
import { ChaosProxy } from './chaos-proxy.js';
import type { Fate } from './fate.js';
import { swift } from './swift.js';

/** A session to be held. */
export interface SmallSession {
  /** Names its own folder, which no other session uses. */
  readonly number: number;
  readonly codec: CodecName;
  readonly port: number;
  /** The fault of its first connection; all others have none. */
  readonly fate: Fate;
}

/** The outcome of the session. */
export interface SessionOutcome {
  /** Requests that ended well, rightly. */
  readonly done: number;
  /** The code of each that did not. */
  readonly codes: readonly string[];
  /** The errors, as texts. */
  readonly wrong: readonly string[];
  readonly ms: number;
  /** Bytes of the first connection, each way. */
  readonly bytes: { readonly toServer: number; readonly toClient: number };
}

/** Bytes of a session's files. */
const FILE_BYTES = 900;

/** Lays out the files of a session. */
export async function prepareSession(files: MemoryStorage, number: number): Promise<void> {
  await files.mkdir(parseRemotePath(folderOf(number)), { recursive: false });
  for (const name of ['down', 'old', 'gone']) {
    const path = parseRemotePath(`${folderOf(number)}/${name}`);
    const pending = await files.write(path, { overwrite: false });
    await pending.write([contentOf(number, name)]);
    await pending.commit();
  }
}

/** Every change of the storage that a session asks for, as an audited storage notes it. */
export function askedBy(number: number): string[] {
  const folder = folderOf(number);
  const sum = sumText(crc32(contentOf(number, 'up')));
  return [`write ${folder}/up ${sum}`, `rename ${folder}/old ${folder}/new`, `remove ${folder}/gone`];
}

/** Holds the session, and judges. */
export async function holdSession(session: SmallSession): Promise<SessionOutcome> {
  const { number, codec, port, fate } = session;
  const proxy = await new ChaosProxy(port, {
    seed: number,
    fate: (connection) => (connection === 0 ? fate : {}),
  }).listen();
  const client = new FileClient(swift(proxy.port, codec));
  const began = performance.now();
  const codes: string[] = [];
  const wrong: string[] = [];
  let done = 0;
  for (const { name, run } of requestsOf(number)) {
    try {
      if (await run(client)) done += 1;
      else wrong.push(`${name} was answered wrongly`);
    } catch (error) {
      if (error instanceof TransferError) codes.push(error.code);
      else wrong.push(`${name} failed with ${String(error)}`);
    }
  }
  const ms = performance.now() - began;
  await client.close();
  const bytes = proxy.links[0]?.bytes ?? { toServer: 0, toClient: 0 };
  await proxy.close();
  return { done, codes, wrong: wrong.map((what) => `session ${number}: ${what}`), ms, bytes };
}

interface SmallRequest {
  readonly name: string;
  /** Whether the answers are correct. */
  readonly run: (client: FileClient) => Promise<boolean>;
}

function requestsOf(number: number): SmallRequest[] {
  const at = (name: string): string => `${folderOf(number)}/${name}`;
  const up = contentOf(number, 'up');
  return [
    {
      name: 'upload',
      run: async (client) => {
        const { path, size } = await client.writeFile(at('up'), up);
        return path === at('up') && size === up.length;
      },
    },
    {
      name: 'download',
      run: async (client) => (await client.readFile(at('down'))).equals(contentOf(number, 'down')),
    },
    {
      name: 'stat',
      run: async (client) => {
        const { path, size, kind } = await client.stat(at('down'));
        return path === at('down') && size === FILE_BYTES && kind === 'file';
      },
    },
    { name: 'rename', run: (client) => client.rename(at('old'), at('new')).then(() => true) },
    { name: 'remove', run: (client) => client.remove(at('gone')).then(() => true) },
    { name: 'list', run: (client) => listsRightly(client, number) },
  ];
}

async function listsRightly(client: FileClient, number: number): Promise<boolean> {
  const folder = folderOf(number);
  const names: string[] = [];
  for await (const { path } of client.list(folder)) names.push(path);
  const possible = ['down', 'old', 'new', 'gone', 'up'].map((name) => `${folder}/${name}`);
  return names.every((name) => possible.includes(name)) && names.includes(`${folder}/down`);
}

/** No byte that is damaged makes one folder's name another's. */
function folderOf(number: number): string {
  return `s${number}-${sumText(crc32(String(number)))}`;
}

function contentOf(number: number, name: string): Buffer {
  return bytesOf(FILE_BYTES, number * 8 + name.length + 1);
}
