/** Listens on the place that the options name. */
import type { FileServer } from '../../index.js';
import type { Output } from '../output/output.js';
import { ExitError } from '../runner/exit-error.js';
import { errorCode } from '../runner/exit-of.js';
import { pageUrls, sharedUrls, socketUrl } from './shared-urls.js';

const DEFAULT_PORT = 2121;
const DEFAULT_HOST = '127.0.0.1';

/** Where to listen. */
export interface ListenOptions {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly socket?: string | undefined;
  readonly httpHost?: readonly string[] | undefined;
  readonly isEncrypted: boolean;
  readonly userNames: readonly string[] | undefined;
  readonly output: Output;
}

/** A server that listens. */
export interface Listening {
  readonly server: FileServer;
  readonly urls: readonly string[];
  /** For web browsers; empty on a Unix socket. */
  readonly pages: readonly string[];
  /** Whether other machines may be able to connect. */
  readonly isOpenToOthers: boolean;
}

/** @param open - makes a server. A server listens once, so another port needs another one. */
export async function listenOn(open: () => FileServer, options: ListenOptions): Promise<Listening> {
  const { socket, userNames, isEncrypted, httpHost } = options;
  const user = userNames?.[0];
  if (socket !== undefined) {
    const server = await open().listen(socket);
    return { server, urls: [socketUrl(socket, user)], pages: [], isOpenToOthers: false };
  }
  const server = await listenOnPort(open, options);
  const address = server.address();
  const host = typeof address === 'object' && address ? address.address : DEFAULT_HOST;
  const place = { address: host, port: server.port, isEncrypted, user };
  const [urls, pages] = [sharedUrls(place), pageUrls({ ...place, httpHost })];
  return { server, urls, pages, isOpenToOthers: !/^(?:127\.|::1$)/.test(host) };
}

async function listenOnPort(
  open: () => FileServer,
  { host = DEFAULT_HOST, port, output }: ListenOptions,
): Promise<FileServer> {
  try {
    return await open().listen(port ?? DEFAULT_PORT, host);
  } catch (error) {
    if (errorCode(error) !== 'EADDRINUSE') throw error;
    if (port !== undefined) {
      const message = `Port ${port} of ${host} is taken. Choose another one with --port, or leave it out for a free one.`;
      throw new ExitError('connection', message, { code: 'EADDRINUSE', cause: error });
    }
  }
  const server = await open().listen(0, host);
  output.note(`Port ${DEFAULT_PORT} is taken. This server listens on port ${server.port}.`);
  return server;
}
