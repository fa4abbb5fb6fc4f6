/** No request leaves a file open on the server, however wrong it is. */
import { expect, it } from 'vitest';
import { answerTo } from '../../support/frames/login-wire.js';
import { Wire } from '../../support/frames/wire.js';
import { serve, storageOf } from '../../support/servers/serve.js';
import { storageWith } from '../../support/servers/unfriendly.js';

it.each([
  ['an unknown checksum', 'checksum=md4', 'ENOTSUP'],
  ['an offset beyond the end', 'offset=9', 'ERANGE'],
  ['an etag that is old', 'ifMatch=old', 'ESTALE'],
  ['a prefix of another algorithm', 'checksum=crc32 offset=1 prefix=sha256:00', 'EINVAL'],
  ['a limit that a followed download has not', 'maxBytes=1', 'EINVAL'],
])('a followed download with %s is refused, and its file is closed', async (_what, fields, code) => {
  let [opened, closed] = [0, 0];
  const memory = await storageOf({ log: 'text' });
  const storage = storageWith({
    read: async (path) => {
      const file = await memory.read(path);
      opened += 1;
      const close = async (): Promise<void> => {
        closed += 1;
        return file.close();
      };
      return { ...file, close };
    },
  });
  const { port } = await serve({ storage });
  const wire = await Wire.connect(port);
  wire.send('hello version=1\n');
  await wire.line();
  expect(await answerTo(wire, 1, `op=download path=log follow=true ${fields}`)).toContain(`code=${code}`);
  expect(closed).toBe(opened);
});
