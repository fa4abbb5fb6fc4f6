/** ssh2-sftp-client: everything over one connection, by its own file calls where a file is written. */
// @ts-check
import { userInfo } from 'node:os';
import path from 'node:path';
import { load } from '../../packages/load.mjs';
import { sessionOf } from '../session.mjs';
import { serveTasks } from '../tasks.mjs';
import { told } from '../told.mjs';

/** @import { ServerArgs } from '../told.mjs' */

/**
 * The members in use.
 * @typedef {object} SftpClient
 * @property {(settings: object) => Promise<unknown>} connect
 * @property {(from: string, to: import('node:stream').Writable) => Promise<unknown>} get
 * @property {(from: string, to: string) => Promise<unknown>} fastGet
 * @property {(from: string | Buffer, to: string) => Promise<unknown>} put
 * @property {(from: string, to: string) => Promise<unknown>} fastPut
 * @property {(name: string) => Promise<unknown>} stat
 * @property {(name: string) => Promise<unknown[]>} list
 * @property {() => Promise<unknown>} end
 */

const { address, ...places } = /** @type {ServerArgs & { address: { port: number, privateKey: string } }} */ (
  told
);
const { default: Client } = /** @type {{ default: new () => SftpClient }} */ (await load('ssh2-sftp-client'));

serveTasks({ places, connect });

function connect() {
  /** @type {Promise<SftpClient> | undefined} */
  let connecting;
  const connected = () => (connecting ??= openClient());
  return sessionOf({
    pipe: async (name, to) => (await connected()).get(inRoot(name), to),
    downloadFile: async (name, localPath) => (await connected()).fastGet(inRoot(name), localPath),
    uploadFile: async (localPath, name) => (await connected()).fastPut(localPath, inRoot(name)),
    writeFile: async (name, data) => (await connected()).put(data, inRoot(name)),
    stat: async (name) => (await connected()).stat(inRoot(name)),
    list: async (name) => (await (await connected()).list(inRoot(name))).length,
    close: async () => (await connecting)?.end(),
  });
}

async function openClient() {
  const client = new Client();
  const { port, privateKey } = address;
  await client.connect({ host: '127.0.0.1', port, privateKey, username: userInfo().username });
  return client;
}

/** The server has no root of its own. @param {string} name */
function inRoot(name) {
  return path.join(places.root, name);
}
