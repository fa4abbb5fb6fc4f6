/** A change that takes long, and the client that waits for its end on another connection. */
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { HeldStorage } from '../../support/doubles/held-storage.js';
import { serve } from '../../support/servers/serve.js';
import { cut, enter } from './session-wire.js';

it('A repeated request gets acks as long as the first one makes progress', async () => {
  const { storage } = new HeldStorage();
  const work = { step: (): void => undefined, end: (): void => undefined };
  const began = new Promise<void>((resolve) => {
    storage.remove = (_path, { onProgress }) => {
      work.step = onProgress ?? work.step;
      resolve();
      return new Promise((end) => (work.end = end));
    };
  });
  const served = await serve({ storage, timeouts: { progressMs: 200 } });
  const open = { type: 'open', op: 'remove', path: 'tree', recursive: true, requestId: 1 } as const;
  const first = await enter(served.port, 'json');
  first.wire.send({ id: 1, ...open });
  await began;
  await cut(served, first);
  const { wire } = await enter(served.port, 'json', first.session);
  wire.send({ id: 1, ...open });
  // Without progress, the server would send two.
  for (let acks = 0; acks < 6; acks += 1) {
    await once(wire.socket, 'data');
    work.step();
  }
  work.end();
  expect(await wire.next()).toMatchObject({ type: 'result', id: 1 });
});
