/** Uploads that are begun, and even ended, while their client waits for its next connection. */
import { expect, it } from 'vitest';
import type { FileClient } from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import { Cuts } from '../../support/servers/cuts.js';
import { clientAt, quick } from '../../support/servers/scripted.js';
import { serveFiles } from '../../support/servers/serve.js';

/** Does something while a client that has lost its connection waits for the next. */
async function whileWaiting<T>(client: FileClient, cuts: Cuts, work: () => Promise<T>): Promise<T> {
  await client.connect();
  const working = new Promise<T>((resolve, reject) => {
    const look = (): void => {
      if (client.state.status !== 'waiting') return;
      client.off('state', look);
      work().then(resolve, reject);
    };
    client.on('state', look);
  });
  cuts.now();
  return working;
}

it.each([
  ['nothing', 0],
  ['a few bytes', 100],
  ['more than may be sent before accept', 300_000],
])('an upload of %s is stored over the next connection', async (_name, size) => {
  const bytes = bytesOf(size);
  const { port, connect } = await serveFiles();
  const cuts = new Cuts(port);
  const client = clientAt(port, { port: undefined, connect: cuts.connect });
  await whileWaiting(client, cuts, async () => client.writeFile('a', bytes));
  expect((await connect().readFile('a')).equals(bytes)).toBe(true);
});

it('an upload that cannot be resumed is stored, too', async () => {
  const bytes = bytesOf(300_000);
  const { port, connect } = await serveFiles();
  const cuts = new Cuts(port);
  let connections = 0;
  const client = clientAt(port, {
    port: undefined,
    reconnect: { ...quick, maxAttempts: 0 },
    connect: () => {
      connections += 1;
      if (connections === 1) throw new Error('not yet');
      return cuts.connect();
    },
  });
  await expect(client.stat('a')).rejects.toMatchObject({ code: 'EIO' });
  await client.writeFile('a', bytes);
  expect((await connect().readFile('a')).equals(bytes)).toBe(true);
});
