/** Clients that end their side of the connection, and still read. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Wire } from '../../support/frames/wire.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';

const endless = {
  watch: 'open id=1 op=watch path=folder',
  follow: 'open id=1 op=download path=file follow=true',
};

describe('a client that ends its side', () => {
  it.each(Object.entries(endless))(
    'during a %s gets its end, and the connection closes',
    async (_op, open) => {
      const root = await temporaryDirectory();
      await mkdir(path.join(root, 'folder'));
      await writeFile(path.join(root, 'file'), 'bytes');
      const { server, port } = await serve({ root });
      const wire = await Wire.connect(port);
      wire.socket.write(`hello version=1\n${open} window=65536\n`);
      await until(
        () => server.connections()[0]?.requests[0]?.bytes !== 0 && server.stats().activeRequests === 1,
      );
      wire.socket.end('open id=3 op=stat path=file\n');
      const rest = await wire.rest();
      expect(rest).toMatch(/^error code=ECONNRESET id=1 /m);
      expect(rest).toMatch(/^result id=3 /m);
      await until(() => server.stats().connections === 0);
      expect(server.stats()).toMatchObject({ activeRequests: 0, queuedRequests: 0 });
    },
  );
});
