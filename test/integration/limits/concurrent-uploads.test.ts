/** As many uploads at once as a connection has channels, one after the other in each of them. */
import { expect, it } from 'vitest';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';

const CHANNELS = 64;
const UPLOADS = 640;

it('a connection whose channels are all busy with uploads refuses none', async () => {
  const { connect } = await serve({ root: await temporaryDirectory(), flush: false });
  const client = connect({ reconnect: false });
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let name = next++; name < UPLOADS; name = next++) await client.writeFile(`${name}`, `file ${name}`);
  };
  await Promise.all(Array.from({ length: CHANNELS }, worker));
  const names: string[] = [];
  for await (const { path } of client.list()) names.push(path);
  expect(names).toHaveLength(UPLOADS);
});
