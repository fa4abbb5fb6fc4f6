/** Requests that are cancelled while the server accesses the storage: the server stops its calls. */
import { expect, it } from 'vitest';
import { MemoryStorage, parseRemotePath, type Storage } from '../../../src/index.js';
import { serve } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';
import { Wire } from '../../support/frames/wire.js';

const directory = { path: parseRemotePath('tree'), kind: 'directory', size: 0, mtime: new Date(0) } as const;

it.each([
  ['a listing in which nothing may be shown', 'op=list', 'list'],
  ['the removal of a directory', 'op=remove path=tree recursive=true', 'delete'],
  ['the renaming of a directory', 'op=rename path=tree to=wood', 'delete'],
])('a cancelled request stops %s', async (_what, open, effect) => {
  const memory = new MemoryStorage();
  let count = 0;
  let ended = false;
  const storage: Storage = {
    stat: () => Promise.resolve(directory),
    read: (path) => memory.read(path),
    remove: () => Promise.resolve(),
    rename: () => Promise.resolve(),
    // Endless, unless the server ends it.
    async *list() {
      try {
        for (;;) {
          await new Promise((resolve) => setImmediate(resolve));
          yield { path: parseRemotePath(`tree/f${count++}`), kind: 'file', size: 0, mtime: new Date(0) };
        }
      } finally {
        ended = true;
      }
    },
  };
  const isHidden = effect === 'list';
  const { port } = await serve({ storage, authorize: (_who, _effect, path) => !isHidden || path === '' });
  const wire = await Wire.connect(port);
  wire.send('hello version=1\n');
  await wire.line();
  wire.send(`open id=1 ${open}\n`);
  await until(() => count > 0);
  wire.send('cancel id=1\n');
  expect(await wire.line()).toMatch(/^error code=ECANCELED /);
  await until(() => ended);
});
