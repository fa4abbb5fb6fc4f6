/** Which clients share the limits of what a server remembers. */

export interface AccountHolder {
  /** The name of the identity; undefined on a server without logins. */
  readonly identity: string | undefined;
  /** The key under which connections without an identity share limits. */
  readonly origin: string;
}

/** The key of an account: one for each identity, or for each group of addresses on a server without logins. */
export function accountOf({ identity, origin }: AccountHolder): string {
  return identity === undefined ? `origin ${origin}` : `identity ${identity}`;
}
