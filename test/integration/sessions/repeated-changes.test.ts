/** Changes that a client asks for again after the loss of its connection, over a real socket in every codec. */
import { describe, expect, it } from 'vitest';
import { MemoryStorage, parseRemotePath } from '../../../src/index.js';
import type { FrameOf } from '../../../src/protocol/frames.js';
import { codecNames, FrameWire } from '../../support/frames/frame-wire.js';
import { serve, storageOf } from '../../support/servers/serve.js';

const FEATURES = 'session';

/** Opens a connection in a session; without an id in a new one. */
async function enter(port: number, codec: (typeof codecNames)[number], session?: string) {
  const { wire, welcome } = await FrameWire.open(port, codec, { features: FEATURES, session });
  return { wire, session: welcome.session };
}

describe.each(codecNames)('in a session (%s)', (codec) => {
  const changes: [name: string, open: Omit<FrameOf<'open'>, 'type' | 'id'>][] = [
    ['mkdir', { op: 'mkdir', path: 'new' }],
    ['remove', { op: 'remove', path: 'a' }],
    ['rename', { op: 'rename', path: 'a', to: 'b' }],
    ['copy', { op: 'copy', path: 'a', to: 'b' }],
    ['utimes', { op: 'utimes', path: 'a', mtime: 1_000 }],
  ];

  it.each(changes)('the answer of %s is the same when it is asked for again', async (_name, open) => {
    const { port } = await serve({ storage: await storageOf({ a: 'text' }) });
    const first = await enter(port, codec);
    const answer = await first.wire.ask({ id: 1, ...open, requestId: 1 });
    expect(answer).toMatchObject({ type: 'result', id: 1 });
    first.wire.cut();
    const second = await enter(port, codec, first.session);
    expect(second.session).toBe(first.session);
    const again = await second.wire.ask({ id: 3, ...open, requestId: 1 });
    expect(again).toEqual({ ...answer, id: 3 });
  });

  it.each(changes)('%s that failed fails again with the same error', async (_name, open) => {
    const storage = new MemoryStorage();
    const { port } = await serve({ storage });
    const failing = { ...open, path: 'missing/a' };
    const first = await enter(port, codec);
    const answer = await first.wire.ask({ id: 1, ...failing, requestId: 7 });
    expect(answer).toMatchObject({ type: 'error', code: 'ENOENT' });
    first.wire.cut();
    await storage.mkdir(parseRemotePath('missing'), { recursive: false });
    const second = await enter(port, codec, first.session);
    const again = await second.wire.ask({ id: 1, ...failing, requestId: 7 });
    expect(again).toEqual(answer);
  });
});

it('is given only to clients that know sessions', async () => {
  const { port } = await serve({ storage: new MemoryStorage() });
  const { welcome } = await FrameWire.open(port, 'text');
  expect(welcome).not.toHaveProperty('session');
  expect(welcome).not.toHaveProperty('features');
  const named = await FrameWire.open(port, 'text', { features: '' });
  expect(named.welcome.features).toBe('session,upload-status,quota');
  expect(named.welcome).not.toHaveProperty('session');
  const known = await FrameWire.open(port, 'text', { features: 'x-other,session' });
  expect(known.welcome.session).toMatch(/^[0-9a-f]{32}$/);
});
