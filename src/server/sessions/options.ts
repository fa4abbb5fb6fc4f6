/** The option `sessions` of a server: declared, defaulted and checked here. */
import { integerOption, rejectUnknownOptions, timeOption } from '../../options/option.js';
import * as limits from '../../protocol/limits.js';

/**
 * Options for sessions: the answers that the server remembers, so that a client whose connection was lost can ask again
 * and each change is made once.
 */
export interface RequestSessionOptions {
  /**
   * Answers of one session that the server remembers, until the client has confirmed that it has them. Beyond it, the
   * oldest is forgotten; a client that asks for it again gets ENOTRECOVERABLE. From 1. Default 1,024.
   */
  maxAnswers?: number | undefined;
  /** Sessions without a connection that the server keeps. Beyond it, the oldest is forgotten. From 0. Default 10,000. */
  maxSessions?: number | undefined;
  /** Milliseconds for which the server keeps a session without a connection. Default 3,600,000. */
  expiryMs?: number | undefined;
}

/** The limits of sessions, with defaults. */
export interface RequestSessionLimits {
  readonly maxAnswers: number;
  readonly maxSessions: number;
  readonly expiryMs: number;
}

/** Checks the options and adds the defaults. Throws a TypeError for a wrong option. */
export function requestSessionLimits(sessions: RequestSessionOptions): RequestSessionLimits {
  rejectUnknownOptions('sessions', sessions, ['maxAnswers', 'maxSessions', 'expiryMs']);
  return {
    maxAnswers: integerOption('sessions.maxAnswers', sessions.maxAnswers, {
      min: 1,
      default: limits.DEFAULT_MAX_ANSWERS,
    }),
    maxSessions: integerOption('sessions.maxSessions', sessions.maxSessions, {
      min: 0,
      default: limits.DEFAULT_MAX_SESSIONS,
    }),
    expiryMs: timeOption('sessions.expiryMs', sessions.expiryMs, limits.SESSION_EXPIRY_MS),
  };
}
