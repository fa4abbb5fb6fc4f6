/** The client of `server.mjs`: everything over one connection. */
// @ts-check
import { ONE } from '../../workloads/amounts.mjs';
import { sessionOf } from '../session.mjs';
import { serveTasks } from '../tasks.mjs';
import { told } from '../told.mjs';
import { callsOf } from './calls.mjs';
import { downloadTo, pipeTo, readInto, toNothing } from './downloads.mjs';
import { iterate } from './iterate.mjs';
import { Requests } from './requests.mjs';
import { SmallFiles } from './small-files.mjs';

const {
  address: port,
  sync: isSync,
  ...places
} = /** @type {import('../told.mjs').ClientArgs & { sync: boolean }} */ (told);
const calls = callsOf(isSync);
const files = new SmallFiles(calls);

const programOf = (/** @type {string} */ name) => JSON.stringify(new URL(name, import.meta.url).href);

serveTasks({
  places,
  connect,
  program: {
    imports: `
      const { Requests } = await import(${programOf('requests.mjs')});
      const { callsOf } = await import(${programOf('calls.mjs')});
      const { readInto } = await import(${programOf('downloads.mjs')});`,
    body: `
      const requests = new Requests(${port}, callsOf(${isSync}));
      await requests.ask(readInto, 'GET ${ONE}\\n');
      requests.close();`,
  },
});

function connect() {
  const requests = new Requests(port, calls);
  return sessionOf({
    pipe: (name, to) => requests.ask(pipeTo(to), `GET ${name}\n`),
    iterate: (name) => iterate(requests, name),
    downloadFile: (name, localPath) => requests.ask(downloadTo(localPath, { calls, files }), `GET ${name}\n`),
    uploadFile: (localPath, name) => upload(requests, localPath, name),
    readFile: async (name) => /** @type {Buffer} */ (await requests.ask(readInto, `GET ${name}\n`)),
    writeFile: (name, data) => requests.ask(toNothing, `PUT ${name} ${data.length}\n`, data),
    stat: (name) => requests.ask(toNothing, `STAT ${name}\n`),
    list: async (name) => {
      const body = /** @type {Buffer} */ (await requests.ask(readInto, `LIST ${name}\n`));
      return /** @type {unknown[]} */ (JSON.parse(body.toString())).length;
    },
    ping: () => requests.ask(toNothing, 'PING\n'),
    call: () => requests.ask(toNothing, 'PING\n'),
    close: () => requests.close(),
  });
}

/** @type {(requests: Requests, localPath: string, name: string) => Promise<void>} */
async function upload(requests, localPath, name) {
  const read = files.read(localPath, (size) => `PUT ${name} ${size}\n`);
  const file = read instanceof Promise ? await read : read;
  if ('fd' in file) {
    await requests.send(toNothing, `PUT ${name} ${file.size}\n`, file);
  } else {
    await requests.ask(toNothing, file.message);
    file.release();
  }
}
