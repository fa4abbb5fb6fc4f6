/** The hooks of a server for the requests of one connection. */
import type { AccessControl } from '../access/access-control.js';
import type { ConnectionInfo } from '../monitoring/connection-info.js';
import { requestStart } from '../monitoring/request-summary.js';
import type { Exchange } from '../request/exchange.js';
import { callHook } from './call-hook.js';
import { CommitHook } from './commit-hook.js';
import type { HookSettings } from './options.js';

export class RequestHooks {
  readonly #hooks: HookSettings;
  readonly #connection: ConnectionInfo;

  constructor(hooks: HookSettings, connection: ConnectionInfo) {
    this.#hooks = hooks;
    this.#connection = connection;
  }

  /** Calls `before`, if there is one. Rejects with what it throws. */
  before(exchange: Exchange, { identity }: AccessControl): Promise<void> | undefined {
    const { before, beforeMs } = this.#hooks;
    if (!before) return undefined;
    const request = { ...requestStart(this.#connection, exchange), identity, size: exchange.request.size };
    const limit = { name: 'before', limitMs: beforeMs };
    return callHook(exchange, limit, (signal) => before({ ...request, signal }));
  }

  /** Undefined without a hook `beforeCommit`. */
  commitHook({ identity }: AccessControl): CommitHook | undefined {
    const { beforeCommit: hook, beforeCommitMs: limitMs } = this.#hooks;
    const describe = (exchange: Exchange) => requestStart(this.#connection, exchange);
    return hook && new CommitHook({ hook, limitMs, identity, describe });
  }
}
