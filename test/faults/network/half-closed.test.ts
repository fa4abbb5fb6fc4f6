import { once } from 'node:events';
import { it } from 'vitest';
import { serveFiles } from '../../support/servers/serve.js';
import { Wire } from '../../support/frames/wire.js';

it('a download ends when a client closes its sending direction and cannot acknowledge', async () => {
  const { server, port } = await serveFiles({ file: 'many bytes' });
  const wire = await Wire.connect(port);
  wire.send('hello version=1\nopen id=1 op=download path=file window=3\n');
  for (let line = await wire.line(); !line?.startsWith('accept');) line = await wire.line();
  const disconnected = once(server, 'disconnect');
  wire.socket.end();
  await disconnected;
});
