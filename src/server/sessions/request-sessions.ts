/**
 * The sessions of a server, by id. Each belongs to an account: the identity of the client, or its address on a server
 * without logins. What clients can make the server remember is bounded for a session, for an account and in all.
 *
 *     welcome -> enter -> RequestSession -> leave, when the connection ends -> dropped after `expiryMs`, or as the oldest
 */
import { randomBytes } from 'node:crypto';
import { LinkedMap } from '../../collections/linked-map.js';
import { MAX_ACCOUNT_ANSWER_BYTES, MAX_ACCOUNT_SESSIONS, MAX_ANSWER_BYTES } from '../../protocol/limits.js';
import { Ticker } from '../../session/timers/ticker.js';
import { accountOf, type AccountHolder } from '../account.js';
import type { RequestSessionLimits } from './options.js';
import { RequestSession, type AnswerCounter } from './request-session.js';

/** Ticks in the time for which a session is kept. */
const TICKS = 4;

const ID_BYTES = 16;

/** The sessions that share limits. */
interface Account {
  readonly key: string;
  bytes: number;
  readonly sessions: Set<RequestSession>;
  /** Those without a connection, the oldest first. */
  readonly idle: LinkedMap<string, Entry>;
}

interface Entry {
  readonly session: RequestSession;
  readonly account: Account;
  connections: number;
  /** The time at which its last connection ended. */
  leftAtMs: number;
}

export class RequestSessions implements AnswerCounter {
  /** Answers that all sessions remember. */
  answers = 0;
  readonly #limits: RequestSessionLimits;
  readonly #entries = new Map<string, Entry>();
  readonly #accounts = new Map<string, Account>();
  /** Without a connection, the oldest first. */
  readonly #idle = new LinkedMap<string, Entry>();
  #bytes = 0;
  /** Time in which the ticker has run. */
  #nowMs = 0;
  #ticker: Ticker | undefined;

  constructor(limits: RequestSessionLimits) {
    this.#limits = limits;
  }

  /** Number of sessions. */
  get size(): number {
    return this.#entries.size;
  }

  /** The session with this id, if it is one of the identity; otherwise a new one. */
  enter(client: AccountHolder, id: string | undefined): RequestSession {
    const known = id === undefined ? undefined : this.#entries.get(id);
    const entry = known?.session.identity === client.identity && known ? known : this.#create(client);
    entry.connections += 1;
    if (entry.connections === 1) this.#setIdle(entry, false);
    return entry.session;
  }

  /** A connection of a session has ended. */
  leave({ id }: RequestSession): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    entry.connections -= 1;
    if (entry.connections > 0) return;
    const tickMs = Math.ceil(this.#limits.expiryMs / TICKS);
    // A ticker that runs may tick at once.
    entry.leftAtMs = this.#nowMs + (this.#ticker ? tickMs : 0);
    this.#setIdle(entry, true);
    this.#ticker ??= new Ticker(tickMs, (ms) => this.#tick(ms)).unref();
    if (entry.account.idle.size > MAX_ACCOUNT_SESSIONS) this.#drop(entry.account.idle.first);
    if (this.#idle.size > this.#limits.maxSessions) this.#drop(this.#idle.first);
  }

  /** Forgets all sessions. */
  close(): void {
    this.#ticker?.stop();
    this.#ticker = undefined;
    for (const entry of this.#entries.values()) this.#drop(entry);
  }

  onChange(session: RequestSession, bytes: number, answers: number): void {
    const account = this.#entries.get(session.id)?.account;
    if (!account) return;
    account.bytes += bytes;
    this.#bytes += bytes;
    this.answers += answers;
    if (bytes < 0) return;
    while (account.bytes > MAX_ACCOUNT_ANSWER_BYTES && forgetOne(account, session));
    while (this.#bytes > MAX_ANSWER_BYTES && this.#forgetOfLargest());
  }

  #create(client: AccountHolder): Entry {
    const { identity } = client;
    const key = accountOf(client);
    const account = this.#accounts.get(key) ?? { key, bytes: 0, sessions: new Set(), idle: new LinkedMap() };
    this.#accounts.set(key, account);
    const id = randomBytes(ID_BYTES).toString('hex');
    const { maxAnswers } = this.#limits;
    const session = new RequestSession({ id, identity, maxAnswers, counter: this });
    account.sessions.add(session);
    const entry = { session, account, connections: 0, leftAtMs: 0 };
    this.#entries.set(id, entry);
    return entry;
  }

  #setIdle(entry: Entry, isIdle: boolean): void {
    for (const list of [this.#idle, entry.account.idle]) {
      list.delete(entry.session.id);
      if (isIdle) list.set(entry.session.id, entry);
    }
  }

  #tick(passedMs: number): void {
    this.#nowMs += passedMs;
    for (let { first } = this.#idle; first; { first } = this.#idle) {
      if (first.leftAtMs + this.#limits.expiryMs > this.#nowMs) return;
      this.#drop(first);
    }
    this.#ticker?.stop();
    this.#ticker = undefined;
  }

  #drop(entry: Entry | undefined): void {
    if (!entry) return;
    const { session, account } = entry;
    session.close();
    this.#setIdle(entry, false);
    this.#entries.delete(session.id);
    account.sessions.delete(session);
    if (account.sessions.size === 0) this.#accounts.delete(account.key);
  }

  /** Not of the oldest: one client with many sessions must not make the server forget those of others. */
  #forgetOfLargest(): boolean {
    let largest: Account | undefined;
    for (const account of this.#accounts.values()) {
      if (account.bytes > (largest?.bytes ?? 0)) largest = account;
    }
    return largest !== undefined && forgetOne(largest, undefined);
  }
}

/** Forgets an answer of an account: of the session that has just got one, or else of another. */
function forgetOne({ sessions }: Account, latest: RequestSession | undefined): boolean {
  if (latest && latest.size > 1) return latest.forgetOldest();
  for (const session of sessions) {
    if (session !== latest && session.forgetOldest()) return true;
  }
  return latest?.forgetOldest() ?? false;
}
