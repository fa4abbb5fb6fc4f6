/** What the hooks of a server get. */
import type { Identity } from '../identity.js';
import type { RequestStart, RequestSummary } from '../monitoring/connection-info.js';

/** A request that a server is about to carry out. */
export interface HookRequest<IdentityType extends Identity = Identity> extends RequestStart {
  /** What `authenticate` returned; undefined on a server without `authenticate`. */
  readonly identity: IdentityType | undefined;
  /** Bytes of the body of an upload, as the client has announced them; undefined if it has announced none. */
  readonly size: number | undefined;
  /** Aborted when the request is cancelled, its connection is lost, or the time limit of the hook has passed. */
  readonly signal: AbortSignal;
}

/** A request that has ended, successfully or not. */
export interface HookOutcome<IdentityType extends Identity = Identity> extends RequestSummary {
  /** What `authenticate` returned; undefined on a server without `authenticate`, and before the login. */
  readonly identity: IdentityType | undefined;
}
