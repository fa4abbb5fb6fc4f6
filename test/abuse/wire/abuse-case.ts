/** A case of abuse as a value: what a peer says, and what must come of it. */
import type { CodecName } from '../../../src/index.js';
import type { Word } from './loose-frame.js';

/** Wait until the other end has said a frame, of a channel. */
export interface Waits {
  readonly hears: string;
  readonly id?: number;
}

/** What a peer does next. */
export type Step = Word | Waits;

/**
 * What becomes of a server's connection. `error`: it is ended with one of these codes. `silent`: it is ended without a
 * word. `channels`: it goes on, and its channels have ended so (`open`: not at all).
 */
export type ServerFate =
  | { readonly error: string }
  | { readonly silent: true }
  | { readonly channels: Readonly<Record<number, string>> };

/** What becomes of what a client was asked to do. */
export type ClientFate =
  /** The connection is ended with this code: the server is told, and the caller. */
  | { readonly error: string }
  /** It fails with this code, whatever becomes of the connection. */
  | { readonly fails: string }
  /** It is done, and what the caller gets is right. */
  | { readonly done: true };

/** Something that a client is asked to do. */
export type Wish = 'read' | 'write' | 'list' | 'tree' | 'stat' | 'mkdir' | 'rename' | 'copy' | 'checksum';

interface AbuseCase<Fate> {
  readonly name: string;
  /** Of what notations it can be said. Default: of all. */
  readonly codecs?: readonly CodecName[];
  readonly says: readonly Step[];
  /** What must come of it. Of several, where the protocol lets the order of events decide, any. */
  readonly fate: OneOf<Fate> | ((codec: CodecName) => OneOf<Fate>);
}

/** Abuse of a server. */
export type ServerCase = AbuseCase<ServerFate>;

/** Abuse of a client. */
export interface ClientCase extends AbuseCase<ClientFate> {
  readonly wish: Wish;
}

export type OneOf<Value> = Value | readonly Value[];

/** The fates that a case allows. */
export function fatesOf<Fate extends object>(abuse: AbuseCase<Fate>, codec: CodecName): readonly Fate[] {
  const fate = typeof abuse.fate === 'function' ? abuse.fate(codec) : abuse.fate;
  return isMany(fate) ? fate : [fate];
}

/** Whether a case can be said in a notation. */
export function isSaidIn(abuse: { readonly codecs?: readonly CodecName[] }, codec: CodecName): boolean {
  return abuse.codecs?.includes(codec) ?? true;
}

/** Wait for a frame. */
export function hears(type: string, id?: number): Waits {
  return id === undefined ? { hears: type } : { hears: type, id };
}

export const EPROTO = { error: 'EPROTO' } as const;
export const DONE = { done: true } as const;

/** The connection goes on, and its channels have ended so. */
export function alive(channels: Readonly<Record<number, string>> = {}): ServerFate {
  return { channels };
}

/** The request fails so. */
export function fails(code: string): ClientFate {
  return { fails: code };
}

function isMany<Fate extends object>(fate: OneOf<Fate>): fate is readonly Fate[] {
  return Array.isArray(fate);
}
