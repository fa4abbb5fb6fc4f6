/** Whether a client keeps its process alive, with real processes. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MemoryStorage } from '../../../src/index.js';
import { repositoryRoot } from '../../support/repository.js';
import { serve } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';

const script = path.join(repositoryRoot, 'test/support/package/unref-process.mjs');

/** Starts a process with a client, and collects what it prints. */
function start(kind: string, port: number): { output: () => string; code: () => number | null } {
  const child = spawn(process.execPath, [script, kind, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  return { output: () => output, code: () => child.exitCode };
}

describe('a process with an unused client', () => {
  it.each(['before connecting', 'after connecting', 'with a running request'])(
    'exits after unref() %s',
    async (kind) => {
      const { port, server } = await serve({ storage: new MemoryStorage() });
      const { output, code } = start(kind, port);
      await until(() => code() === 0);
      expect(output()).toBe('connected\nunused\n');
      expect(server.stats().totalConnections).toBe(1);
    },
  );

  it('exits after unref() with an open UDP path', async () => {
    const { port, server } = await serve({ storage: new MemoryStorage(), udp: true });
    const { output, code } = start('with an open UDP path', port);
    await until(() => code() === 0);
    expect(output()).toBe('connected\nunused\n');
    expect(server.stats()).toMatchObject({ totalConnections: 1, fallbacks: 0 });
    expect(server.stats().udpBytesReceived).toBeGreaterThanOrEqual(2_000_000);
  });

  it('exits after unref() while waiting to reconnect', async () => {
    const { port, server } = await serve({ storage: new MemoryStorage() });
    const { output, code } = start('while waiting to reconnect', port);
    await until(() => output().includes('connected'));
    server.destroy();
    await until(() => code() === 0);
    expect(output()).toBe('connected\ndisconnected\nunused\n');
  });

  it('stays alive until the connection is lost after ref()', async () => {
    const { port, server } = await serve({ storage: new MemoryStorage() });
    const { output, code } = start('with ref', port);
    await until(() => output().includes('connected'));
    server.destroy();
    await until(() => code() === 0);
    expect(output()).toBe('connected\ndisconnected\nunused\n');
  });
});
