/** Listens: a `net.Server` that is created by `listen()`, with a promise for its start and callbacks for its events. */
import { createServer, type AddressInfo, type ListenOptions, type Server, type Socket } from 'node:net';
import { TransferError } from '../../errors.js';
import { removeStaleSocket } from './stale-socket.js';
import { DEFAULT_HOST, DEFAULT_PORT } from '../../protocol/limits.js';

/** The owner of a {@link Listener}. */
export interface ListenerHooks {
  /** The server has accepted a connection. */
  onSocket(socket: Socket): void;
  /** The system could not accept a connection; the server still listens. */
  onAcceptError(error: TransferError): void;
}

export class Listener {
  readonly #hooks: ListenerHooks;
  #server: Server | undefined;
  #starting: Promise<void> | undefined;
  #isRef = true;

  constructor(hooks: ListenerHooks) {
    this.#hooks = hooks;
  }

  /** Starts to listen. Rejects with the system's code, e.g. EADDRINUSE. */
  async listen(where: number | string | ListenOptions | undefined, host: string | undefined): Promise<void> {
    if (this.#server) throw new TypeError('The server listens already.');
    const server = createServer({ allowHalfOpen: true, noDelay: true, highWaterMark: 256 * 1024 }, (socket) =>
      this.#accept(socket),
    );
    this.#server = server;
    this.setRef(this.#isRef);
    this.#starting = this.#startReplacing(server, listenOptions(where, host));
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

  /** Sets whether listening, and each socket that is accepted from now on, keeps the process alive. */
  setRef(isRef: boolean): void {
    this.#isRef = isRef;
    if (isRef) this.#server?.ref();
    else this.#server?.unref();
  }

  /** Stops listening; resolves when the last socket has closed. */
  async close(): Promise<void> {
    const server = this.#server;
    // A server that has not begun to listen cannot be closed.
    await this.#starting?.catch(() => undefined);
    if (!server?.listening) return;
    await new Promise((resolve) => server.close(resolve));
  }

  /** Listens; on a Unix socket that a killed server has left behind, after its removal. */
  async #startReplacing(server: Server, options: ListenOptions): Promise<void> {
    try {
      await this.#start(server, options);
    } catch (error) {
      const isTaken = error instanceof TransferError && error.code === 'EADDRINUSE';
      const isStale = isTaken && options.path !== undefined && (await removeStaleSocket(options.path));
      if (!isStale) throw error;
      await this.#start(server, options);
    }
  }

  #start(server: Server, options: ListenOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      const onError = (error: NodeJS.ErrnoException): void => {
        // The message of Node without the system call: `address already in use 127.0.0.1:2121`.
        const reason = `Cannot listen: ${error.message.replace(/^listen [A-Z]+: /, '')}.`;
        reject(new TransferError(error.code ?? 'EIO', reason, { cause: error }));
      };
      server.once('error', onError);
      server.listen(options, () => {
        server.off('error', onError).on('error', (error) => this.#hooks.onAcceptError(acceptError(error)));
        resolve();
      });
    });
  }

  #accept(socket: Socket): void {
    if (!this.#isRef) socket.unref();
    this.#hooks.onSocket(socket);
  }
}

function listenOptions(
  where: number | string | ListenOptions | undefined,
  host: string | undefined,
): ListenOptions {
  // As in Node, a port may be a string, e.g. from an environment variable.
  const port = typeof where === 'string' && /^\d+$/.test(where) ? Number(where) : where;
  if (typeof port === 'string') return { path: port };
  const options = typeof port === 'object' ? port : { port: port ?? DEFAULT_PORT, ...(host && { host }) };
  return options.path === undefined ? { host: DEFAULT_HOST, ...options } : options;
}

function acceptError(cause: Error): TransferError {
  const { code, reason } = TransferError.from(cause);
  return new TransferError(code, `Cannot accept a connection: ${reason}`, { cause });
}
