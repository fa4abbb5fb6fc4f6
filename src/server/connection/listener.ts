/** Listening: a `net.Server` that is made when it is needed, with a promise for what it says by events. */
import { createServer, type AddressInfo, type ListenOptions, type Server, type Socket } from 'node:net';
import { TransferError } from '../../errors.js';
import { DEFAULT_HOST, DEFAULT_PORT } from '../../protocol/limits.js';

export class Listener {
  readonly #connected: (socket: Socket) => void;
  #server: Server | undefined;
  #starting: Promise<void> | undefined;

  constructor(connected: (socket: Socket) => void) {
    this.#connected = connected;
  }

  /** Starts to listen. Rejects with the system's code, e.g. EADDRINUSE. */
  async listen(where: number | string | ListenOptions | undefined, host: string | undefined): Promise<void> {
    if (this.#server) throw new TypeError('The server listens already.');
    const server = createServer(
      { allowHalfOpen: true, noDelay: true, highWaterMark: 256 * 1024 },
      this.#connected,
    );
    this.#server = server;
    this.#starting = listening(server, listenOptions(where, host));
    try {
      await this.#starting;
    } catch (error) {
      this.#server = undefined;
      throw error;
    }
  }

  /** Where it listens. */
  address(): AddressInfo | string | null {
    return this.#server?.address() ?? null;
  }

  /** Stops to listen; resolves when the last socket is gone. */
  async close(): Promise<void> {
    const server = this.#server;
    // One that has not begun to listen cannot be closed.
    await this.#starting?.catch(() => undefined);
    if (!server?.listening) return;
    await new Promise((resolve) => server.close(resolve));
  }
}

function listenOptions(
  where: number | string | ListenOptions | undefined,
  host: string | undefined,
): ListenOptions {
  // As Node takes it: an environment has ports as texts.
  const port = typeof where === 'string' && /^\d+$/.test(where) ? Number(where) : where;
  if (typeof port === 'string') return { path: port };
  const options = typeof port === 'object' ? port : { port: port ?? DEFAULT_PORT, ...(host && { host }) };
  return options.path === undefined ? { host: DEFAULT_HOST, ...options } : options;
}

function listening(server: Server, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      // What Node says, without the name of the system call: `address already in use 127.0.0.1:2121`.
      const reason = `Cannot listen: ${error.message.replace(/^listen [A-Z]+: /, '')}.`;
      reject(new TransferError(error.code ?? 'EIO', reason, { cause: error }));
    });
    server.listen(options, () => {
      server.removeAllListeners('error');
      // E.g. too many open files while accepting: the connection is lost, the server serves on.
      server.on('error', () => undefined);
      resolve();
    });
  });
}
