/** ftp-srv with anonymous access. */
// @ts-check
import { load } from '../../packages/load.mjs';
import { freePort } from '../program.mjs';
import { serving } from '../serving.mjs';
import { told } from '../told.mjs';

/**
 * The members in use.
 * @typedef {object} FtpServer
 * @property {(event: 'login', listener: (login: object, resolve: (settings: { root: string }) => void) => void) => void} on
 * @property {() => Promise<unknown>} listen
 * @property {() => Promise<unknown>} close
 */

const { root } = /** @type {import('../told.mjs').ServerArgs} */ (told);
const { default: FtpSrv } = /** @type {{ default: new (options: object) => FtpServer }} */ (
  await load('ftp-srv')
);

const ignore = () => undefined;
const log = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore, child: () => log };

const port = await freePort();
const server = new FtpSrv({
  url: `ftp://127.0.0.1:${port}`,
  pasv_url: 'ftp://127.0.0.1',
  anonymous: true,
  log,
});
server.on('login', (_login, resolve) => resolve({ root }));
await server.listen();

// It waits for clients that are gone, for a while.
serving(port, () => undefined);
