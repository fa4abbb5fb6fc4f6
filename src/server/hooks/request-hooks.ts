/** The hooks and events of a server for the requests of one connection. */
import type { AccessControl } from '../access/access-control.js';
import type { ConnectionInfo, RequestStart, RequestSummary } from '../monitoring/connection-info.js';
import { requestStart } from '../monitoring/request-start.js';
import type { Exchange } from '../request/exchange.js';
import type { AfterHook } from './after-hook.js';
import { callHook } from './call-hook.js';
import { CommitHook } from './commit-hook.js';
import type { HookSettings } from './options.js';

/** What a server does with what it is told. */
export interface RequestObserver {
  readonly settings: { readonly hooks: HookSettings };
  readonly afterHook: AfterHook | undefined;
  readonly observesRequests: () => boolean;
  readonly onRequestStart: (request: RequestStart) => void;
  readonly onRequestEnd: (summary: RequestSummary) => void;
}

/** What `before` is told of a request. */
export interface ToldRequest {
  readonly start: RequestStart;
  /** Bytes that the client has announced. */
  readonly size: number | undefined;
}

export class RequestHooks {
  readonly connection: ConnectionInfo;
  readonly server: RequestObserver;
  readonly #hooks: HookSettings;

  constructor(server: RequestObserver, connection: ConnectionInfo) {
    this.server = server;
    this.connection = connection;
    this.#hooks = server.settings.hooks;
  }

  /** Whether a hook may refuse a request. */
  get canRefuse(): boolean {
    return this.#hooks.before !== undefined || this.#hooks.beforeCommit !== undefined;
  }

  /**
   * Calls `before`, if there is one. Rejects with what it throws.
   *
   * @param told - default: what is told of the exchange
   */
  before(exchange: Exchange, { identity }: AccessControl, told?: ToldRequest): Promise<void> | undefined {
    const { before, beforeMs } = this.#hooks;
    if (!before) return undefined;
    const { start, size } = told ?? {
      start: requestStart(this.connection, exchange),
      size: exchange.request.size,
    };
    const limit = { name: 'before', limitMs: beforeMs };
    return callHook(exchange, limit, (signal) => before({ ...start, identity, size, signal }));
  }

  /** Undefined without a hook `beforeCommit`. */
  commitHook({ identity }: AccessControl): CommitHook | undefined {
    const { beforeCommit: hook, beforeCommitMs: limitMs } = this.#hooks;
    const describe = (exchange: Exchange) => requestStart(this.connection, exchange);
    return hook && new CommitHook({ hook, limitMs, identity, describe });
  }

  /** Tells the end of a request. */
  onEnd(summary: RequestSummary, access: AccessControl | undefined): void {
    this.server.onRequestEnd(summary);
    this.server.afterHook?.run({ ...summary, identity: access?.identity });
  }
}
