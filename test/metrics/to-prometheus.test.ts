import { execFile, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { toPrometheus } from '../../src/index.js';
import { clientMetrics, serverMetrics } from '../../src/metrics/metrics.js';
import { serveFiles } from '../support/servers/serve.js';

const hasPromtool = spawnSync('promtool', ['--version']).error === undefined;

/** What `promtool check metrics` says of a text: its code, and its complaints. */
function check(text: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = execFile('promtool', ['check', 'metrics'], (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr });
    });
    child.stdin?.end(text);
  });
}

/** The stats of a server and a client after a request that succeeded and one that failed. */
async function measured() {
  const { server, connect } = await serveFiles({ file: 'hello' });
  const client = connect();
  await client.readFile('file');
  await expect(client.stat('missing')).rejects.toMatchObject({ code: 'ENOENT' });
  return { server: server.stats(), client: client.stats() };
}

describe('toPrometheus', () => {
  it('writes each counter of a server and of a client', async () => {
    const stats = await measured();
    const keysOf = (metrics: readonly { samples: readonly (readonly [string, object])[] }[]) =>
      metrics.flatMap(({ samples }) => samples.map(([key]) => key)).sort();
    expect(keysOf(serverMetrics)).toEqual(Object.keys(stats.server).sort());
    expect(keysOf(clientMetrics)).toEqual(Object.keys(stats.client).sort());
    const server = toPrometheus(stats.server);
    expect(server).toContain(
      '# HELP socket_ftp_server_connections Open connections.\n' +
        '# TYPE socket_ftp_server_connections gauge\nsocket_ftp_server_connections 1\n',
    );
    expect(server).toContain('\nsocket_ftp_server_requests_total{outcome="succeeded"} 1\n');
    expect(server).toContain('\nsocket_ftp_server_requests_total{outcome="failed"} 1\n');
    expect(server).toContain(`\nsocket_ftp_server_sent_bytes_total ${stats.server.bytesSent}\n`);
    const client = toPrometheus(stats.client);
    expect(client).toContain('\nsocket_ftp_client_requests_total{outcome="cancelled"} 0\n');
    expect(client.match(/^# TYPE/gm)).toHaveLength(clientMetrics.length);
  });

  it('takes a prefix and labels, whose values it escapes', async () => {
    const { client } = await measured();
    const text = toPrometheus(client, { prefix: 'my_app', labels: { host: 'a"b\\c\nd', zone: 'eu' } });
    const own = String.raw`host="a\"b\\c\nd",zone="eu"`;
    expect(text).toContain(`\nmy_app_client_connections{${own}} 1\n`);
    expect(text).toContain(`\nmy_app_client_requests_total{${own},outcome="failed"} 1\n`);
    expect(text.split('\n').every((line) => line === '' || /^(?:# (?:HELP|TYPE) )?my_app_/.test(line))).toBe(
      true,
    );
  });

  it.skipIf(!hasPromtool)('passes promtool check metrics', async () => {
    const stats = await measured();
    const labels = { host: 'a"b\\c\nd' };
    const text = toPrometheus(stats.server, { labels }) + toPrometheus(stats.client, { labels });
    expect(await check(text)).toEqual({ code: 0, output: '' });
    const wrong = text.replaceAll('_received_bytes_total', '_received_bytes');
    expect(await check(wrong)).toMatchObject({ code: 3 });
  });

  it.each<[object, string]>([
    [{ prefix: '1st' }, 'The option prefix must be a name'],
    [{ prefix: '' }, 'The option prefix must be a name'],
    [{ labels: { 'a-b': 'x' } }, 'must not name a label a-b'],
    [{ labels: { __name__: 'x' } }, 'must not name a label __name__'],
    [{ labels: { outcome: 'x' } }, 'must not name a label outcome'],
    [{ labels: { host: 1 } }, 'The option labels.host must be a string, not 1.'],
    [{ label: {} }, 'toPrometheus has no option label.'],
  ])('refuses %j', async (options, message) => {
    const { client } = await measured();
    expect(() => toPrometheus(client, options)).toThrow(TypeError);
    expect(() => toPrometheus(client, options)).toThrow(message);
  });

  it('refuses what is no stats', () => {
    expect(() => toPrometheus({} as never)).toThrow('needs the result of server.stats() or client.stats()');
  });
});
