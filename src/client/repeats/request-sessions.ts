/** The session of a client, which outlives its connections, and the numbers of the requests in it. */
import { LinkedMap } from '../../collections/linked-map.js';
import type { FrameOf } from '../../protocol/frames.js';
import { formatFeatures } from '../../protocol/handshake/features.js';

export class RequestSession {
  readonly id: string;
  #next = 1;
  /** The numbers of the requests that may be repeated, in rising order. */
  readonly #pending = new LinkedMap<number, number>();

  constructor(id: string) {
    this.id = id;
  }

  /** The next number. It is pending until `settle`. */
  take(): number {
    const number = this.#next++;
    this.#pending.set(number, number);
    return number;
  }

  /** No request with a lower number will be repeated. */
  get settledBelow(): number {
    return this.#pending.first ?? this.#next;
  }

  /** The request with this number will not be repeated. */
  settle(number: number): void {
    this.#pending.delete(number);
  }
}

/** The session in which a client is. A server that does not know it any more gives the client another one. */
export class RequestSessions {
  #current: RequestSession | undefined;

  /** The fields of `hello` that ask for the session. */
  get requested(): Pick<FrameOf<'hello'>, 'features' | 'session'> {
    return { features: formatFeatures(['session']), session: this.#current?.id };
  }

  /** The session for which the next `hello` asks. */
  get current(): RequestSession | undefined {
    return this.#current;
  }

  /**
   * The session that `welcome` names; undefined if the server has none.
   *
   * @param asked - the one that was current at `hello`: another connection may have got another one since, and the numbers
   *   of a session must never begin again
   */
  welcome(id: string | undefined, asked = this.#current): RequestSession | undefined {
    if (id === undefined) return undefined;
    if (asked?.id === id) this.#current = asked;
    else if (this.#current?.id !== id) this.#current = new RequestSession(id);
    return this.#current;
  }
}
