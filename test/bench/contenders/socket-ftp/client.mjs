/** The client of `server.mjs`: everything over one connection, as a program would write it. */
// @ts-check
import { pipeline } from 'node:stream/promises';
import { FileClient } from 'socket-ftp';
import { ONE } from '../../workloads/amounts.mjs';
import { sessionOf } from '../session.mjs';
import { serveTasks } from '../tasks.mjs';
import { told } from '../told.mjs';

/** @import { FileClientOptions } from 'socket-ftp' */
/** @import { ServerArgs } from '../told.mjs' */
/** @typedef {{ port: number, ca?: string }} Address */
/** @typedef {Pick<FileClientOptions, 'codec' | 'checksum'>} Options */

const { address, codec, checksum, ...places } = /** @type {ServerArgs & { address: Address } & Options} */ (
  told
);
const { port, ca } = address;
const options = { port, codec, checksum, ...(ca !== undefined && { tls: { ca } }) };

serveTasks({
  places,
  connect,
  program: {
    imports: "const { FileClient } = await import('socket-ftp/client');",
    body: `
      const client = new FileClient(${JSON.stringify(options)});
      await client.readFile('${ONE}');
      await client.close();`,
  },
});

function connect() {
  const client = new FileClient(options);
  return sessionOf({
    pipe: (name, to) => pipeline(client.download(name), to),
    iterate: (name) => client.download(name),
    // The others flush nothing either, and the files of most runs are in memory.
    downloadFile: (name, localPath) => client.downloadFile(name, localPath, { flush: false }),
    uploadFile: (localPath, name, { flush = false } = { flush: false }) =>
      client.uploadFile(localPath, name, { flush }),
    readFile: (name) => client.readFile(name),
    writeFile: (name, data) => client.writeFile(name, data),
    stat: (name) => client.stat(name),
    list: (name) => countEntries(client, name),
    ping: () => client.ping(),
    call: () => client.call('empty'),
    close: () => client.close(),
  });
}

/** @type {(client: FileClient, name: string) => Promise<number>} */
async function countEntries(client, name) {
  let [entries, bytes] = [0, 0];
  for await (const { size } of client.list(name)) [entries, bytes] = [entries + 1, bytes + size];
  if (bytes === 0) throw new Error('The entries are empty.');
  return entries;
}
