import { describe, expect, it, vi } from 'vitest';
import { TransferError } from '../../../src/errors.js';
import type { FrameOf } from '../../../src/protocol/frames.js';
import * as limits from '../../../src/protocol/limits.js';
import { errorAnswer, resultAnswer } from '../../../src/server/sessions/answer.js';
import type { RequestSession } from '../../../src/server/sessions/request-session.js';
import { RequestSessions } from '../../../src/server/sessions/request-sessions.js';
import { pauseTimeouts } from '../../support/doubles/virtual-time.js';

const EXPIRY_MS = 1_000;

function makeSessions(options: { maxAnswers?: number; maxSessions?: number } = {}): RequestSessions {
  return new RequestSessions({ maxAnswers: 1_024, maxSessions: 10_000, expiryMs: EXPIRY_MS, ...options });
}

const ann = { identity: 'ann', origin: '192.0.2.1' };
const bob = { identity: 'bob', origin: '192.0.2.1' };
const from = (origin: string) => ({ identity: undefined, origin });

function open(requestId: number, path = 'x'): FrameOf<'open'> {
  return { type: 'open', id: 1, op: 'mkdir', path, requestId };
}

/** Carries out a request, whose answer has a text of so many characters. */
function carryOut(session: RequestSession, requestId: number, characters = 0): void {
  const request = open(requestId);
  expect(session.find(request)).toBeUndefined();
  session.end(session.begin(request), resultAnswer({ etag: 'e'.repeat(characters) }));
}

/** Whether the session knows the answer of a request. */
function knows(session: RequestSession, requestId: number): boolean {
  try {
    return session.find(open(requestId)) !== undefined;
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOTRECOVERABLE' });
    return false;
  }
}

describe('the answers of a session', () => {
  it('are forgotten from the oldest on beyond their number, also while requests run', () => {
    const session = makeSessions({ maxAnswers: 3 }).enter(ann, undefined);
    for (const requestId of [1, 2]) carryOut(session, requestId);
    session.begin(open(3));
    session.begin(open(4));
    expect([1, 2, 3, 4].map((requestId) => knows(session, requestId))).toEqual([false, true, true, true]);
    session.begin(open(5));
    expect(() => session.begin(open(6))).toThrow(expect.objectContaining({ code: 'EAGAIN' }));
    expect([3, 4, 5].map((requestId) => knows(session, requestId))).toEqual([true, true, true]);
    expect(session.size).toBe(0);
  });

  it('are forgotten from the oldest on beyond their bytes', () => {
    const session = makeSessions().enter(ann, undefined);
    const characters = 100_000;
    for (let requestId = 1; requestId <= 30; requestId++) carryOut(session, requestId, characters);
    expect(session.bytes).toBeLessThanOrEqual(limits.MAX_SESSION_ANSWER_BYTES);
    expect(session.size).toBe(15);
    expect(knows(session, 15)).toBe(false);
    expect(knows(session, 16)).toBe(true);
  });

  it('do not keep long paths or messages', () => {
    const sessions = makeSessions();
    const session = sessions.enter(ann, undefined);
    const request = open(1, 'p'.repeat(4_000));
    const error = new TransferError('EIO', 'm'.repeat(100_000), { path: request.path });
    session.end(session.begin(request), errorAnswer(error, request));
    expect(session.bytes).toBeLessThan(2_000);
  });

  it('are forgotten when the client has confirmed them', () => {
    const sessions = makeSessions();
    const session = sessions.enter(ann, undefined);
    for (const requestId of [3, 1, 2]) carryOut(session, requestId);
    expect(sessions.answers).toBe(3);
    const running = session.begin(open(4));
    expect(session.find({ ...open(5), settledBelow: 3 })).toBeUndefined();
    expect(sessions.answers).toBe(1);
    expect(() => session.find(open(2))).toThrow(expect.objectContaining({ code: 'EINVAL' }));
    // A lie: the request with the id 4 runs.
    expect(session.find({ ...open(9), settledBelow: 9 })).toBeUndefined();
    session.end(running, resultAnswer({}));
    expect(sessions.answers).toBe(0);
    expect(session.bytes).toBe(0);
  });

  it('of one identity are bounded together, and never at the cost of another', () => {
    const sessions = makeSessions();
    const good = sessions.enter(bob, undefined);
    carryOut(good, 1, 1_000);
    const flood = Array.from({ length: 20 }, () => sessions.enter(ann, undefined));
    for (let requestId = 1; requestId <= 8; requestId++) {
      for (const session of flood) carryOut(session, requestId, 50_000);
    }
    const bytes = flood.reduce((sum, session) => sum + session.bytes, 0);
    expect(bytes).toBeLessThanOrEqual(limits.MAX_ACCOUNT_ANSWER_BYTES);
    expect(bytes).toBeGreaterThan(limits.MAX_ACCOUNT_ANSWER_BYTES / 2);
    expect(knows(good, 1)).toBe(true);
  });

  it('of all identities are bounded, at the cost of those with the most', () => {
    const sessions = makeSessions();
    const good = sessions.enter(bob, undefined);
    carryOut(good, 1, 1_000);
    const flood = Array.from({ length: 100 }, (_, index) =>
      sessions.enter(from(`192.0.2.${index}`), undefined),
    );
    for (let requestId = 1; requestId <= 2; requestId++) {
      for (const session of flood) carryOut(session, requestId, 200_000);
    }
    const bytes = flood.reduce((sum, session) => sum + session.bytes, 0);
    expect(bytes).toBeLessThanOrEqual(limits.MAX_ANSWER_BYTES);
    expect(knows(good, 1)).toBe(true);
  });
});

describe('sessions', () => {
  it('are continued by their identity, and by any client on a server without logins', () => {
    const sessions = makeSessions();
    const { id } = sessions.enter(ann, undefined);
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(sessions.enter(ann, id).id).toBe(id);
    expect(sessions.enter(bob, id).id).not.toBe(id);
    expect(sessions.enter(from('192.0.2.1'), id).id).not.toBe(id);
    const open = sessions.enter(from('192.0.2.1'), undefined);
    expect(sessions.enter(from('198.51.100.1'), open.id)).toBe(open);
    expect(sessions.enter(ann, open.id)).not.toBe(open);
  });

  it('without a connection expire after their time, and those with one do not', async () => {
    pauseTimeouts();
    const sessions = makeSessions();
    const used = sessions.enter(ann, undefined);
    sessions.enter(ann, used.id);
    sessions.leave(used);
    const left = sessions.enter(ann, undefined);
    carryOut(left, 1);
    sessions.leave(left);
    await passTicks(3);
    expect(sessions.enter(ann, left.id)).toBe(left);
    sessions.leave(left);
    await passTicks(3);
    expect(sessions.size).toBe(2);
    await passTicks(2);
    expect(sessions.size).toBe(1);
    expect(sessions.answers).toBe(0);
    expect(sessions.enter(ann, left.id)).not.toBe(left);
    expect(sessions.enter(ann, used.id)).toBe(used);
    sessions.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('without a connection are kept for their whole time, also if others are kept already', async () => {
    pauseTimeouts();
    const sessions = makeSessions();
    sessions.leave(sessions.enter(ann, undefined));
    vi.advanceTimersByTime(EXPIRY_MS / 4 - 1);
    const late = sessions.enter(bob, undefined);
    sessions.leave(late);
    vi.advanceTimersByTime(1);
    await passTicks(3);
    expect(sessions.enter(bob, late.id)).toBe(late);
    sessions.close();
  });

  it('without a connection are bounded for one identity, and never at the cost of another', () => {
    const sessions = makeSessions();
    const good = sessions.enter(bob, undefined);
    sessions.leave(good);
    const first = sessions.enter(ann, undefined);
    sessions.leave(first);
    for (let count = 0; count < 1_000; count++) sessions.leave(sessions.enter(ann, undefined));
    expect(sessions.size).toBe(limits.MAX_ACCOUNT_SESSIONS + 1);
    expect(sessions.enter(bob, good.id)).toBe(good);
    expect(sessions.enter(ann, first.id)).not.toBe(first);
    sessions.close();
  });

  it('without a connection are bounded in all', () => {
    const sessions = makeSessions({ maxSessions: 5 });
    for (let count = 0; count < 20; count++) {
      sessions.leave(sessions.enter(from(`192.0.2.${count}`), undefined));
    }
    expect(sessions.size).toBe(5);
    sessions.close();
    expect(sessions.size).toBe(0);
  });

  it('that were forgotten remember nothing of requests that end later', () => {
    const sessions = makeSessions({ maxSessions: 0 });
    const session = sessions.enter(ann, undefined);
    const running = session.begin(open(1));
    sessions.leave(session);
    expect(sessions.size).toBe(0);
    session.end(running, resultAnswer({}));
    expect(sessions.answers).toBe(0);
    expect(session.size).toBe(0);
    sessions.close();
  });
});

/** Lets quarters of the expiry pass. A ticker reads the input before it counts one. */
async function passTicks(count: number): Promise<void> {
  for (let tick = 0; tick < count; tick++) {
    vi.advanceTimersByTime(EXPIRY_MS / 4);
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}
