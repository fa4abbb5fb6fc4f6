/** Two storages of one directory, as two processes have them, and one upload that goes from one to the other. */
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { DirectoryStorage } from '../../../src/index.js';
import { parseRemotePath } from '../../../src/protocol/remote-path.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';
import { UploadWire } from '../../support/frames/upload-wire.js';

it.each([true, false])(
  'a part that another process is writing under the same id is never committed in half (flush %s)',
  async (flush) => {
    const root = await temporaryDirectory();
    const [first, second] = [0, 1].map(() => new DirectoryStorage(root, { flush }));
    const file = parseRemotePath('file');
    const options = { overwrite: true, uploadId: '0123456789abcdef0123456789abcdef' };
    const whole = Buffer.from('0123456789');
    const one = await first!.write(file, options);
    await one.write([whole]);
    // The client has lost its connection, and restarts the upload at another process.
    const other = await second!.write(file, options);
    await other.write([whole.subarray(0, 5)]);
    const outcome = await one.commit().catch((error: unknown) => error);
    const stored = fs.existsSync(path.join(root, 'file'))
      ? fs.readFileSync(path.join(root, 'file'), 'utf8')
      : '';
    await other.discard();
    expect(outcome).toMatchObject({ code: expect.any(String) as string });
    expect(['', '0123456789']).toContain(stored);
  },
);

it('over the wire: a server does not report an upload as stored that another process has in half', async () => {
  const root = await temporaryDirectory();
  const [first, second] = [await serve({ root }), await serve({ root })];
  const whole = Buffer.from('0123456789');
  const one = await UploadWire.open(first.port, 'path=file');
  one.data(whole);
  expect(await one.answer()).toMatch(/^accept /);
  await until(() => partBytes(root) === 10);
  const other = await UploadWire.open(second.port, 'path=file');
  other.data(whole.subarray(0, 5));
  expect(await other.answer()).toMatch(/^accept /);
  await until(() => partBytes(root) === 5);
  one.end(whole);
  const answer = await one.answer();
  expect(answer.startsWith('result') ? fs.readFileSync(path.join(root, 'file'), 'utf8') : '0123456789').toBe(
    '0123456789',
  );
});

function partBytes(root: string): number {
  const folder = path.join(root, '.socket-ftp');
  const part = fs.existsSync(folder)
    ? fs.readdirSync(folder).find((name) => name.endsWith('.part'))
    : undefined;
  return part === undefined ? -1 : fs.statSync(path.join(folder, part)).size;
}
