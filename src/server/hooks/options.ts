/** The hooks of a server: declared, defaulted and checked here. */
import { rejectUnknownOptions, timeOption } from '../../options/option.js';
import type { Identity } from '../identity.js';
import type { HookOutcome, HookRequest } from './hook-request.js';
import type { PendingUpload } from './pending-upload.js';

/** Time in ms for `before`: a question to a database. Shorter than a client waits for an answer, so that it gets the error. */
const BEFORE_MS = 10_000;

/** Time in ms for `beforeCommit`: a scan of some 10 GB. A client waits for ten times as long by default. */
const BEFORE_COMMIT_MS = 300_000;

/** Time in ms for `after`, for which no request waits. */
const AFTER_MS = 60_000;

/** Time limits of hooks, in milliseconds. */
export interface HookTimeouts {
  /** For `before`. A request whose hook takes longer fails with EIO. Default 10,000. */
  beforeMs?: number | undefined;
  /** For `beforeCommit`. An upload whose hook takes longer fails with EIO, and nothing of it is kept. Default 300,000. */
  beforeCommitMs?: number | undefined;
  /** For `after`. A call that takes longer is reported by the event `hookError`. Default 60,000. */
  afterMs?: number | undefined;
}

/** Functions of the program that a server calls for its requests. */
export interface HookOptions<IdentityType extends Identity = Identity> {
  /**
   * Called before each request that is permitted. If it throws, the request is refused: with the error if that is a
   * TransferError, with its `code` if that is in the table of codes, otherwise with EIO. Default: none.
   */
  before?: ((request: HookRequest<IdentityType>) => void | Promise<void>) | undefined;
  /** Called after each request. If it throws, the server emits `hookError`. Default: none. */
  after?: ((outcome: HookOutcome<IdentityType>) => void | Promise<void>) | undefined;
  /**
   * Called when all bytes of an upload have arrived and are verified, before the file is visible. If it throws, the upload
   * fails as a request that `before` refuses, and nothing of it is kept. Default: none.
   */
  beforeCommit?: ((upload: PendingUpload<IdentityType>) => void | Promise<void>) | undefined;
  /** Time limits of hooks. */
  hookTimeouts?: HookTimeouts | undefined;
}

/** The names of {@link HookOptions}. */
export const hookOptionNames = ['before', 'after', 'beforeCommit', 'hookTimeouts'];

/** The hooks, checked, and their time limits with defaults. */
export interface HookSettings extends Omit<HookOptions, 'hookTimeouts'> {
  readonly beforeMs: number;
  readonly beforeCommitMs: number;
  readonly afterMs: number;
}

/** Checks the options and adds the defaults. Throws a TypeError for a wrong option. */
export function hookSettings<IdentityType extends Identity>(
  options: HookOptions<IdentityType>,
): HookSettings {
  // The server calls them only with identities that `authenticate` has returned.
  const { before, after, beforeCommit, hookTimeouts = {} } = options as HookOptions;
  for (const [name, hook] of Object.entries({ before, after, beforeCommit })) {
    if (hook === undefined || typeof hook === 'function') continue;
    throw new TypeError(`The option ${name} must be a function, not ${typeof hook}.`);
  }
  rejectUnknownOptions('hookTimeouts', hookTimeouts, ['beforeMs', 'beforeCommitMs', 'afterMs']);
  const { beforeMs, beforeCommitMs, afterMs } = hookTimeouts;
  return {
    before,
    after,
    beforeCommit,
    beforeMs: timeOption('hookTimeouts.beforeMs', beforeMs, BEFORE_MS),
    beforeCommitMs: timeOption('hookTimeouts.beforeCommitMs', beforeCommitMs, BEFORE_COMMIT_MS),
    afterMs: timeOption('hookTimeouts.afterMs', afterMs, AFTER_MS),
  };
}
