import { once } from 'node:events';
import http from 'node:http';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../support/cli/program.js';
import { Served } from '../../support/cli/served.js';

describe('socket-ftp serve --http', () => {
  it('prints the address of a page, answers browsers there, and clients as before', async () => {
    await using served = await Served.startReadOnly({ 'a.txt': 'hello' }, '--http');
    const [, page = ''] = await served.server.says(/^In a web browser: (http:.*)$/m);
    expect(await (await fetch(page)).text()).toContain('a.txt');
    expect(await (await fetch(`${page}a.txt`)).text()).toBe('hello');
    expect((await fetch(`${page}b.txt`, { method: 'PUT', body: 'x' })).status).toBe(403);
    expect((await served.run(['cat', served.url('a.txt')])).stdout).toBe('hello');
    expect(await served.names()).toEqual(['a.txt']);
  });

  it('answers browsers for the hosts of --http-host only', async () => {
    await using served = await Served.start({ 'a.txt': 'hello' }, '--http', '--http-host', 'files.example');
    const [, page = ''] = await served.server.says(/^In a web browser: (http:.*)$/m);
    expect(await statusOf(`${page}a.txt`, { host: 'files.example' })).toBe(200);
    expect(await statusOf(`${page}a.txt`, { host: 'other.example' })).toBe(421);
  });

  it.each([
    [['--http-host', 'a.example'], '--http-host needs --http'],
    [['--http', '--http-host', 'http://a.example'], 'without scheme and port'],
    [['--http', '--stdio'], 'leave out --http'],
  ])('refuses %j', async (args, message) => {
    const refused = await runProgram(['serve', ...args], { cwd: import.meta.dirname });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(message);
  });

  it('serves no browser without --http', async () => {
    await using served = await Served.startReadOnly({ 'a.txt': 'hello' });
    expect(served.server.stderr).not.toContain('browser');
    await expect(fetch(served.url('a.txt').replace('socket-ftp', 'http'))).rejects.toThrow();
  });
});

async function statusOf(url: string, headers: http.OutgoingHttpHeaders): Promise<number | undefined> {
  const request = http.get(url, { headers, agent: false });
  const [answer] = (await once(request, 'response')) as [http.IncomingMessage];
  answer.resume();
  return answer.statusCode;
}
