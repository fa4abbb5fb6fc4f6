import { describe, expect, it } from 'vitest';
import { FileServer, MemoryStorage } from '../../../../src/index.js';
import { eventsOf } from '../../../support/cli/events.js';
import { runProgram } from '../../../support/cli/program.js';
import { Served } from '../../../support/cli/served.js';

describe('socket-ftp ping', () => {
  it('writes a line for each round trip', async () => {
    await using served = await Served.start();
    const ping = ['ping', '--count', '2', '--interval', '1ms'];
    const { code, stdout, stderr } = await served.run([...ping, served.url()]);
    expect(code).toBe(0);
    expect(stdout.match(/ \d+\.\d\d ms$/gm)).toHaveLength(2);
    expect(stderr).toMatch(/^min .* max /);
    const { stdout: json } = await served.run([...ping, '--json', served.url()]);
    expect(eventsOf(json)).toMatchObject([
      { event: 'pong', number: 1 },
      { event: 'pong', number: 2 },
    ]);
    expect((await served.run(['ping', served.url('path')])).code).toBe(2);
  });
});

describe('socket-ftp call', () => {
  it('lists methods, and calls one with JSON', async () => {
    const server = new FileServer({ storage: new MemoryStorage() });
    server.method('add', (numbers) => (numbers as number[]).reduce((sum, number) => sum + number, 0));
    await server.listen();
    try {
      const url = `socket-ftp://127.0.0.1:${server.port}`;
      const call = (args: readonly string[], input?: string) =>
        runProgram(['call', url, ...args], { cwd: '.', ...(input !== undefined && { input }) });
      expect((await call([])).stdout).toMatch(/^add {2}call, needs /);
      expect((await call(['add', '[1,2,3]'])).stdout).toBe('6\n');
      expect((await call(['--idempotent', 'add', '-'], '[4]')).stdout).toBe('4\n');
      expect(eventsOf((await call(['--json', 'add', '[1]'])).stdout)).toMatchObject([{ value: '1' }]);
      expect((await call(['add', '[1'])).code).toBe(2);
      expect((await call(['none', '1'])).code).not.toBe(0);
    } finally {
      await server.close();
    }
  });
});
