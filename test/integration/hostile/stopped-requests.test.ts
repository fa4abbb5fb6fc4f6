/** Requests that their client stops cost more than they bring, by whichever frame it does so. */
import { expect, it } from 'vitest';
import { CANCEL_BURST } from '../../../src/protocol/limits.js';
import { serveFiles } from '../../support/servers/serve.js';
import { Wire } from '../../support/frames/wire.js';

const AT_ONCE = 50;

it.each([
  { frame: 'cancel', code: 'ECANCELED' },
  { frame: 'strange', code: 'ENOTSUP' },
])('a client that stops thousands of requests by $frame is refused with EFLOOD', async ({ frame, code }) => {
  const { port } = await serveFiles({ file: 'x' });
  const wire = await Wire.connect(port);
  wire.send('hello version=1\n');
  await wire.line();
  const codes = new Map<string, number>();
  for (let id = 1; id < 4 * CANCEL_BURST && !codes.has('EFLOOD');) {
    let said = '';
    for (const last = id + 2 * AT_ONCE; id < last; id += 2) {
      said += `open id=${id} op=download path=file window=0\n${frame} id=${id}\n`;
    }
    wire.send(said);
    for (let answers = 0; answers < AT_ONCE && !codes.has('EFLOOD');) {
      const said = / code=(\w+)/.exec((await wire.line()) ?? ' code=EFLOOD')?.[1];
      if (said === undefined) continue;
      codes.set(said, (codes.get(said) ?? 0) + 1);
      answers += 1;
    }
  }
  expect([...codes.keys()]).toEqual([code, 'EFLOOD']);
  expect(codes.get(code)).toBeGreaterThanOrEqual(CANCEL_BURST);
});
