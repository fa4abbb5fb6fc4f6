import { once } from 'node:events';
import { it } from 'vitest';
import { serveFiles } from '../support/serve.js';
import { Wire } from '../support/wire.js';

it('a client that has closed its direction, so that no more is allowed, does not keep its download open', async () => {
  const { server, port } = await serveFiles({ file: 'many bytes' });
  const wire = await Wire.connect(port);
  wire.send('hello version=1\nopen id=1 op=download path=file window=3\n');
  for (let line = await wire.line(); !line?.startsWith('accept');) line = await wire.line();
  const disconnected = once(server, 'disconnect');
  wire.socket.end();
  await disconnected;
});
