import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { Output } from '../../../src/cli/output/output.js';
import { systemScheduler } from '../../../src/cli/progress/scheduler.js';
import { runCall } from '../../../src/cli/tools/run-call.js';
import { serve } from '../../support/servers/serve.js';

it.each([
  [true, '{\n  "text": "a\\nb",\n  "count": 2\n}\n'],
  [false, '{"text":"a\\nb","count":2}\n'],
])('the value of a call on a terminal (%s) is JSON', async (isTTY, written) => {
  const { server, port } = await serve({});
  server.method('find', () => ({ text: 'a\nb', count: 2 }));
  const stdout = Object.assign(new PassThrough(), { isTTY });
  const output = new Output(
    { stdout, stderr: new PassThrough() },
    { isJson: false, isQuiet: false, isVerbose: false },
  );
  const { signal } = new AbortController();
  const context = {
    output,
    stdin: new PassThrough(),
    env: {},
    signal,
    scheduler: systemScheduler,
    commands: [],
  };
  const operands = [`socket-ftp://127.0.0.1:${port}`, 'find'];
  expect(await runCall({ operands, options: {} as never }, context)).toBe('ok');
  expect(String(stdout.read())).toBe(written);
});
