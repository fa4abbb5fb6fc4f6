/** The context of one call. Its parts are made when the handler asks for them. */
import type { Storage } from '../../storage/storage.js';
import type { AccessControl } from '../access/access-control.js';
import { permittedStorage } from '../access/permitted-storage.js';
import type { Identity } from '../identity.js';
import type { ConnectionInfo } from '../monitoring/connection-info.js';
import type { Exchange } from '../request/exchange.js';
import type { MethodContext } from './method-context.js';

/** Where a method is called. */
export interface CallPlace {
  readonly access: AccessControl;
  readonly connection: ConnectionInfo;
  readonly portableNames: boolean;
}

export class CallContext implements MethodContext {
  readonly method: string;
  readonly connection: ConnectionInfo;
  readonly #exchange: Exchange;
  readonly #access: AccessControl;
  readonly #portableNames: boolean;
  #storage: Storage | undefined;

  constructor(method: string, exchange: Exchange, { access, connection, portableNames }: CallPlace) {
    this.method = method;
    this.connection = connection;
    this.#exchange = exchange;
    this.#access = access;
    this.#portableNames = portableNames;
  }

  get identity(): Identity | undefined {
    return this.#access.identity;
  }

  get storage(): Storage {
    const { onProgress } = this.#exchange;
    const throwIfCancelled = (): void => this.#exchange.throwIfAborted();
    return (this.#storage ??= permittedStorage({
      access: this.#access,
      request: { onProgress, throwIfCancelled },
      portableNames: this.#portableNames,
    }));
  }

  get signal(): AbortSignal {
    return this.#exchange.signal;
  }

  get requestId(): string {
    return this.#exchange.requestId;
  }

  get onProgress(): () => void {
    return this.#exchange.onProgress;
  }
}
