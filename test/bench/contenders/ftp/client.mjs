/** basic-ftp: a connection does one thing at a time, so there are as many as are needed, and they are kept. */
// @ts-check
import { load } from '../../packages/load.mjs';
import { sessionOf } from '../session.mjs';
import { serveTasks } from '../tasks.mjs';
import { told } from '../told.mjs';

/**
 * The members in use.
 * @typedef {object} FtpClient
 * @property {(options: { host: string, port: number }) => Promise<unknown>} access
 * @property {(to: import('node:stream').Writable | string, from: string) => Promise<unknown>} downloadTo
 * @property {(from: string, to: string) => Promise<unknown>} uploadFrom
 * @property {(name: string) => Promise<number>} size
 * @property {(name: string) => Promise<unknown[]>} list
 * @property {() => void} close
 */

const { address: port, ...places } = /** @type {import('../told.mjs').ClientArgs} */ (told);
const { Client } = /** @type {{ Client: new () => FtpClient }} */ (await load('basic-ftp'));

serveTasks({ places, connect });

function connect() {
  /** Those that have nothing to do. @type {FtpClient[]} */
  const pool = [];
  /** @template Value @param {(client: FtpClient) => Promise<Value>} action */
  const pooled = async (action) => {
    const client = pool.pop() ?? (await connected());
    const value = await action(client);
    pool.push(client);
    return value;
  };
  return sessionOf({
    pipe: (name, to) => pooled((client) => client.downloadTo(to, name)),
    downloadFile: (name, localPath) => pooled((client) => client.downloadTo(localPath, name)),
    uploadFile: (localPath, name) => pooled((client) => client.uploadFrom(localPath, name)),
    stat: (name) => pooled((client) => client.size(name)),
    list: async (name) => (await pooled((client) => client.list(name))).length,
    close: () => pool.splice(0).forEach((client) => client.close()),
  });
}

async function connected() {
  const client = new Client();
  await client.access({ host: '127.0.0.1', port });
  return client;
}
