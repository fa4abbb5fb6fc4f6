/** Clients that make a server remember as much as they can, over a real socket. */
import { describe, expect, it } from 'vitest';
import { MAX_ACCOUNT_SESSIONS } from '../../../src/protocol/limits.js';
import { FrameWire } from '../../support/frames/frame-wire.js';
import { cut, enter, serveHeld } from './session-wire.js';

/** Requests that fit into the places of a connection. */
const BATCH = 64;

const credentials = (user: string) => ({ features: 'session', user, password: 'password' });

const login = { authenticate: ({ user }: { user?: string | undefined }) => ({ name: user ?? '' }) };

/** Sends numbered requests as fast as they are answered, and confirms none. */
async function flood(wire: FrameWire, count: number, requestIdOf = (index: number) => index): Promise<void> {
  for (let from = 1; from <= count; from += BATCH) {
    const indexes = Array.from({ length: Math.min(BATCH, count - from + 1) }, (_, at) => from + at);
    wire.send(
      ...indexes.map((index) => {
        const path = `${String(index).padEnd(200, 'x')}/${'y'.repeat(200)}`;
        const requestId = requestIdOf(index);
        return { type: 'open', id: 2 * index - 1, op: 'remove', path, requestId } as const;
      }),
    );
    for (const _ of indexes) expect(await wire.next()).toMatchObject({ type: 'error', code: 'ENOENT' });
  }
}

describe('a client that confirms no answers', () => {
  it('makes the server remember no more of its session than allowed, and of others no less', async () => {
    const served = await serveHeld(login);
    const good = await FrameWire.open(served.port, 'binary', credentials('good'));
    const open = { op: 'mkdir', path: 'new', requestId: 1 };
    const answer = await good.wire.ask({ id: 1, ...open });
    const bad = await FrameWire.open(served.port, 'binary', credentials('bad'));
    await flood(bad.wire, 4_000);
    expect(served.server.stats().rememberedAnswers).toBe(1_024 + 1);
    expect(await good.wire.ask({ id: 3, ...open })).toEqual({ ...answer, id: 3 });
    const oldest = await bad.wire.ask({ id: 8_001, op: 'remove', path: 'a', requestId: 1 });
    expect(oldest).toMatchObject({ type: 'error', code: 'ENOTRECOVERABLE' });
    expect(served.held.calls).not.toContain('commit');
  });

  it('may count down from the largest number', async () => {
    const served = await serveHeld();
    const { wire } = await enter(served.port, 'binary');
    await flood(wire, 1_024, (index) => Number.MAX_SAFE_INTEGER - index + 1);
    expect(served.server.stats().rememberedAnswers).toBe(1_024);
    // The largest is forgotten, and with it the knowledge of all that were not used below.
    const next = await wire.ask({ id: 4_001, op: 'mkdir', path: 'x', requestId: 1 });
    expect(next).toMatchObject({ type: 'result' });
    const late = await wire.ask({ id: 4_003, op: 'mkdir', path: 'y', requestId: 2 });
    expect(late).toMatchObject({ type: 'error', code: 'ENOTRECOVERABLE' });
    expect(served.held.calls.filter((call) => call === 'mkdir')).toEqual(['mkdir']);
  });
});

it('a client that leaves sessions behind makes the server forget its own, and no other', async () => {
  const served = await serveHeld(login);
  const good = await FrameWire.open(served.port, 'text', credentials('good'));
  await cut(served, { wire: good.wire, session: '' });
  for (let count = 0; count < MAX_ACCOUNT_SESSIONS + 20; count++) {
    const { wire } = await FrameWire.open(served.port, 'text', credentials('bad'));
    await cut(served, { wire, session: '' });
  }
  expect(served.server.stats().sessions).toBe(MAX_ACCOUNT_SESSIONS + 1);
  const { session } = good.welcome;
  const again = await FrameWire.open(served.port, 'text', { ...credentials('good'), session });
  expect(again.welcome.session).toBe(session);
});
