/** A case of abuse as a value: the steps of a peer, and the expected outcome. */
import type { CodecName } from '../../../src/index.js';
import type { Word } from './frames/loose-frame.js';

/** Wait until the other end has sent a frame of this type, of a channel. */
export interface Waits {
  readonly hears: string;
  readonly id?: number;
}

/** The next step of a peer. */
export type Step = Word | Waits;

/**
 * Outcome of a server connection. `error`: it is closed with one of these codes. `silent`: it is closed without a
 * frame. `channels`: it stays open, and its channels have ended like this (`open`: not at all).
 */
export type ServerFate =
  | { readonly error: string }
  | { readonly silent: true }
  | { readonly channels: Readonly<Record<number, string>> };

/** The outcome of a request of the client. */
export type ClientFate =
  /** The connection is closed with this code, which the server and the caller get. */
  | { readonly error: string }
  /** The request fails with this code, whatever happens to the connection. */
  | { readonly fails: string }
  /** The request fails with this code, the client cancels it, and the connection stays open. */
  | { readonly cancels: string }
  /** The request succeeds, and its result is correct. */
  | { readonly done: true };

/** Something that a client is asked to do. */
export type ClientRequest =
  | 'read'
  | 'write'
  | 'list'
  | 'tree'
  | 'stat'
  | 'mkdir'
  | 'rename'
  | 'copy'
  | 'checksum'
  | 'stream'
  | 'call'
  | 'methods'
  | 'watch'
  | 'follow'
  | 'fetch';

interface AbuseCase<Fate> {
  readonly name: string;
  /** The codecs that can express the case. Default: all. */
  readonly codecs?: readonly CodecName[];
  readonly says: readonly Step[];
  /** The expected outcome. Any of several, if the protocol leaves the order of events open. */
  readonly fate: OneOf<Fate> | ((codec: CodecName) => OneOf<Fate>);
}

/** Abuse of a server. */
export type ServerCase = AbuseCase<ServerFate>;

/** Abuse of a client. */
export interface ClientCase extends AbuseCase<ClientFate> {
  readonly wish: ClientRequest;
}

export type OneOf<Value> = Value | readonly Value[];

/** The fates that a case allows. */
export function fatesOf<Fate extends object>(abuse: AbuseCase<Fate>, codec: CodecName): readonly Fate[] {
  const fate = typeof abuse.fate === 'function' ? abuse.fate(codec) : abuse.fate;
  return isMany(fate) ? fate : [fate];
}

/** Whether a codec can express a case. */
export function isSaidIn(abuse: { readonly codecs?: readonly CodecName[] }, codec: CodecName): boolean {
  return abuse.codecs?.includes(codec) ?? true;
}

/** Wait for a frame. */
export function hears(type: string, id?: number): Waits {
  return id === undefined ? { hears: type } : { hears: type, id };
}

export const EPROTO = { error: 'EPROTO' } as const;
export const DONE = { done: true } as const;

/** The connection stays open, and its channels have ended like this. */
export function alive(channels: Readonly<Record<number, string>> = {}): ServerFate {
  return { channels };
}

/** The request fails so. */
export function fails(code: string): ClientFate {
  return { fails: code };
}

/** The client cancels the request, which fails so. */
export function cancels(code: string): ClientFate {
  return { cancels: code };
}

function isMany<Fate extends object>(fate: OneOf<Fate>): fate is readonly Fate[] {
  return Array.isArray(fate);
}
