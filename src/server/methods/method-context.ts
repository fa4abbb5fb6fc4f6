/** What a program gets for a call of one of its methods. */
import type { Storage } from '../../storage/storage.js';
import type { Identity } from '../identity.js';
import type { ConnectionInfo } from '../monitoring/connection-info.js';

/** What the handler of a shared method gets besides the input. */
export interface MethodContext<IdentityType extends Identity = Identity> {
  /** Name of the method. */
  readonly method: string;
  /** The caller, as `authenticate` returned it; undefined on a server without `authenticate`. */
  readonly identity: IdentityType | undefined;
  /** Connection of the call. */
  readonly connection: ConnectionInfo;
  /**
   * The storage as the caller may use it: its root, permissions, `authorize`, quota and `portableNames`. A call that the caller has no
   * permission for rejects with EACCES. Takes paths as `parseRemotePath` returns them.
   */
  readonly storage: Storage;
  /**
   * Aborted when the caller cancels the call, its `timeoutMs` or that of the method has passed, or the server closes; of an
   * idempotent method also when the connection is lost. The reason is a TransferError.
   */
  readonly signal: AbortSignal;
  /** Id of the call in the events of the server: the same for all attempts of one call. */
  readonly requestId: string;
  /** To be called now and then by a method that takes minutes: the client is told that the server is at work on the call. */
  readonly onProgress: () => void;
}
