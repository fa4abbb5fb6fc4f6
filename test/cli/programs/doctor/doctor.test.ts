import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import path from 'node:path';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { eventsOf } from '../../../support/cli/events.js';
import { newFolder, Served } from '../../../support/cli/served.js';
import { runProgram } from '../../../support/cli/program.js';
import { Authority, selfSigned, type Certificate } from '../../../support/servers/certificates.js';

const DAY_MS = 86_400_000;
const opened: Server[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => once(server.close(), 'close')));
});

/** The port of a server of the test, which ends with the test. */
async function listen(server: Server): Promise<number> {
  opened.push(server);
  server.on('connection', (socket) => socket.on('error', () => {}));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function says(banner: string): Server {
  return createServer((socket) => socket.resume().end(banner));
}

function doctor(url: string, ...args: string[]) {
  return runProgram(['doctor', ...args, url], { cwd: process.cwd() });
}

describe('socket-ftp doctor before a connection', () => {
  it.each<[string, string, () => Server]>([
    ['SSH', 'SSH', () => says('SSH-2.0-OpenSSH_9.6\r\n')],
    ['FTP', 'FTP', () => says('220 ProFTPD Server ready.\r\n')],
    ['SMTP', 'SMTP', () => says('220 mx.example.org ESMTP\r\n')],
    ['HTTP', 'HTTP', () => createHttpServer((_, response) => response.end())],
  ])('recognises a server of %s', async (_, name, open) => {
    const { code, text } = await doctor(`socket-ftp://127.0.0.1:${await listen(open())}`);
    expect(code).toBe(3);
    expect(text).toMatch(/^✓ port/m);
    expect(text).toContain(`✗ program      This is a server of ${name},`);
    expect(text).toContain('  Hint: Write the port of the socket-ftp server');
    expect(text.includes("--exec 'ssh host")).toBe(name === 'SSH');
    expect(text).not.toContain('login');
  });

  it('recognises a TLS server, and says which URL to write', async () => {
    const port = await listen(createTlsServer(new Authority().issue('x')).on('tlsClientError', () => {}));
    const { code, text } = await doctor(`socket-ftp://127.0.0.1:${port}`);
    expect([code, text]).toEqual([3, expect.stringContaining('Write socket-ftps://') as unknown]);
  });

  it('tells a closed port, an unknown host, and a program that says nothing', async () => {
    const server = createServer();
    const port = await listen(server);
    await once(opened.pop()?.close() ?? server, 'close');
    const closed = await doctor(`socket-ftp://127.0.0.1:${port}`);
    expect([closed.code, closed.text]).toEqual([3, expect.stringContaining('Nothing listens') as unknown]);
    expect((await doctor('socket-ftp://none.invalid')).text).toMatch(
      /^✗ name +none\.invalid has no address/m,
    );
    const hole = createServer((socket) => socket.resume().setTimeout(60_000, () => socket.destroy()));
    const { code, text } = await doctor(
      `socket-ftp://127.0.0.1:${await listen(hole)}`,
      '--connect-timeout',
      '1s',
    );
    expect([code, text]).toEqual([3, expect.stringContaining('says nothing') as unknown]);
  });
});

describe('socket-ftp doctor with TLS', () => {
  async function examined(certificate: Certificate, authority: Authority, host: string) {
    const folder = await newFolder();
    await writeFile(path.join(folder, 'ca.pem'), authority.cert);
    const server = createTlsServer(certificate, (socket) => socket.on('error', () => {}).end());
    const port = await listen(server.on('tlsClientError', () => {}));
    return runProgram(['doctor', '--ca', 'ca.pem', `socket-ftps://${host}:${port}`], { cwd: folder });
  }

  it('tells an expired certificate', async () => {
    const authority = new Authority();
    const now = Date.now();
    const valid = [new Date(now - 2 * DAY_MS), new Date(now - DAY_MS)] as const;
    const { code, text } = await examined(authority.issue('x', { valid }), authority, '127.0.0.1');
    expect(code).toBe(3);
    expect(text).toContain('✗ certificate  Not trusted: CERT_HAS_EXPIRED');
    expect(text).toContain('Renew the certificate');
  });

  it('recognises a web server behind TLS', async () => {
    const server = createHttpsServer(selfSigned('x'), (_, response) => response.end());
    const port = await listen(server.on('tlsClientError', () => {}));
    const { code, text } = await doctor(`socket-ftps://127.0.0.1:${port}`);
    expect(code).toBe(3);
    expect(text).toContain('✗ program      This is a server of HTTP with TLS, not of socket-ftp');
  });

  it('tells a self-signed certificate', async () => {
    const { text } = await examined(selfSigned('x'), new Authority(), '127.0.0.1');
    expect(text).toContain('Not trusted: DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(text).toContain('--ca cert.pem');
  });

  it('tells a certificate for another name', async () => {
    const authority = new Authority();
    const certificate = authority.issue('x', { names: ['files.example.org'] });
    const { text } = await examined(certificate, authority, '127.0.0.1');
    expect(text).toMatch(/^✓ certificate/m);
    expect(text).toMatch(/^✗ host name .*files\.example\.org/m);
  });
});

describe('socket-ftp doctor with a server', () => {
  it('finds everything in order, also UDP, and leaves nothing behind', async () => {
    await using served = await Served.start({}, '--udp');
    const { code, text } = await served.run(['doctor', '--json', '--size', '1M', served.url()]);
    const findings = eventsOf(text);
    expect(findings.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(code).toBe(0);
    expect(findings.map(({ check }) => check)).toEqual([
      'name',
      'port',
      'program',
      'codec',
      'login',
      'round trip',
      'permissions',
      'clock',
      'upload',
      'download',
      'UDP',
    ]);
    expect(await served.names()).toEqual([]);
  });

  it('writes nothing with --read-only, and takes a server that only lets read for no failure', async () => {
    await using served = await Served.startReadOnly();
    for (const options of [['--read-only'], []]) {
      const { code, text } = await served.run(['doctor', ...options, served.url()]);
      expect(code).toBe(0);
      expect(text).toMatch(/^- upload/m);
    }
  });

  it('tells a wrong password and a path that is missing', async () => {
    await using served = await Served.start({ users: '{}' });
    expect((await served.run(['doctor', served.url('none')])).code).toBe(5);
    const hash = (await served.run(['hash-password'], { input: 'right\n' })).stdout.trim();
    const folder = await newFolder();
    await writeFile(path.join(folder, 'users.json'), JSON.stringify({ ann: { password: hash } }), {
      mode: 0o600,
    });
    await using locked = await Served.start({}, '--users', path.join(folder, 'users.json'));
    const url = locked.url().replace('://', '://ann@').replace('ann@ann@', 'ann@');
    const wrong = await locked.run(['doctor', url], { env: { SOCKET_FTP_PASSWORD: 'wrong' } });
    expect(wrong.code).toBe(4);
    expect(wrong.text).toMatch(/^✗ login/m);
    const right = await locked.run(['doctor', url], { env: { SOCKET_FTP_PASSWORD: 'right' } });
    expect([right.code, right.text]).toEqual([0, expect.stringContaining('As ann') as unknown]);
  });
});
