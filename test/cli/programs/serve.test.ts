import { once } from 'node:events';
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashPassword, hashToken } from '../../../src/index.js';
import { eventsOf } from '../../support/cli/events.js';
import { Program, runProgram } from '../../support/cli/program.js';
import { newFolder, Served, writeFiles } from '../../support/cli/served.js';
import { Authority } from '../../support/servers/certificates.js';

const isWindows = process.platform === 'win32';

describe('socket-ftp serve', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await newFolder();
    await writeFiles(path.join(folder, 'root'), { 'a.txt': 'hello' });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('prints a line for each address that can be run as it is', async () => {
    await using served = await Served.start({ 'a.txt': 'hello' });
    const [, line = ''] = await served.server.says(/^npx socket-ftp (get .*)$/m);
    expect(served.server.stderr).toMatch(/every client that can connect, for reading and writing/);
    expect(served.server.stderr).toMatch(/Only programs on this machine/);
    expect((await served.run(line.split(' '))).code).toBe(0);
    expect(await readFile(path.join(served.cwd, 'root/a.txt'), 'utf8')).toBe('hello');
  });

  it('refuses every change without --writable, and both ends name the option', async () => {
    await using served = await Served.startReadOnly({ 'a.txt': 'hello' }, '--host', '127.0.0.1');
    expect(served.server.stderr).toMatch(/read-only; --writable/);
    await writeFiles(served.cwd, { 'b.txt': 'x', 'folder/c': 'x' });
    const sending = [
      ['put', '-'],
      ['put', 'b.txt'],
      ['put', 'folder'],
      ['sync', 'folder'],
    ];
    for (const args of sending) {
      const refused = await served.run([...args, served.url('new')], { input: 'x' });
      expect([args, refused.code]).toEqual([args, 4]);
      expect(refused.stderr).toContain('Hint: Clients of this server may only read');
    }
    for (const command of ['rm', 'mkdir'])
      expect((await served.run([command, served.url('a.txt')])).code).toBe(4);
    expect((await served.run(['cat', served.url('a.txt')])).stdout).toBe('hello');
    expect(await served.names()).toEqual(['a.txt']);
  });

  it('says that everything may be changed from the network with --writable', async () => {
    await using served = await Served.startReadOnly({}, '--writable', '--host', '0.0.0.0');
    expect(served.server.stderr).toMatch(/Every client of the network may change and delete/);
    expect(served.url()).toMatch(/^socket-ftp:\/\/localhost:/);
  });

  it('fails with exit code 3 on a port that is taken, and names the option', async () => {
    const other = net.createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as net.AddressInfo;
    const outcome = await runProgram(['serve', 'root', '-p', String(port)], { cwd: folder });
    expect(outcome).toMatchObject({ code: 3, stdout: '' });
    expect(outcome.stderr).toMatch(/taken.*--port/);
    other.close();
  });

  it('listens on 2121, or says that it has another port', async () => {
    const server = new Program(['serve', 'root'], { cwd: folder });
    const [, port = ''] = await server.says(/127\.0\.0\.1:(\d+)\//);
    if (port !== '2121') expect(server.stderr).toMatch(new RegExp(`2121 is taken.*port ${port}`));
    server.child.kill();
    await server.outcome();
  });

  it('fails with exit code 5 for a directory that does not exist', async () => {
    expect((await runProgram(['serve', 'none'], { cwd: folder })).code).toBe(5);
    expect((await runProgram(['serve', 'root/a.txt'], { cwd: folder })).code).toBe(5);
  });

  it.each([
    [['--socket', 'x', '--port', '1']],
    [['--stdio', '--host', '::']],
    [['--stdio', '--json']],
    [['--cert', 'x']],
    [['--client-ca', 'x']],
    [['--udp-ports', '5000-5001']],
    [['--strategy', 'lazy']],
    [['--limit', '0']],
  ])('refuses %j', async (options) => {
    expect((await runProgram(['serve', 'root', ...options], { cwd: folder })).code).toBe(2);
  });

  it.skipIf(isWindows)('ends with 0 after SIGTERM, and closes its Unix socket', async () => {
    const socket = path.join(folder, 'x.sock');
    const server = new Program(['serve', 'root', '--socket', socket, '--grace', '1s', '-q'], { cwd: folder });
    await server.says(/socket-ftp\+unix:/);
    const url = `socket-ftp+unix://${socket}:/a.txt`;
    expect((await runProgram(['cat', url], { cwd: folder })).stdout).toBe('hello');
    server.child.kill('SIGTERM');
    expect(await server.outcome()).toMatchObject({ code: 0, stderr: '' });
    expect((await runProgram(['cat', url], { cwd: folder })).code).not.toBe(0);
  });

  it.skipIf(isWindows)('ends at once at the second Ctrl-C, with exit code 130', async () => {
    await using served = await Served.start(
      { big: Buffer.alloc(4_000_000) },
      '--limit',
      ':100K',
      '--grace',
      '1h',
    );
    const get = new Program(['get', '--json', served.url('big')], { cwd: served.cwd });
    await get.says(/"event":"progress","bytes":[1-9]/);
    served.server.child.kill('SIGINT');
    await served.server.says(/Press Ctrl-C again/);
    served.server.child.kill('SIGINT');
    expect((await served.server.outcome()).code).toBe(130);
    get.child.kill('SIGKILL');
    await get.outcome();
  });

  it('writes its events as JSON with --json', async () => {
    await using served = await Served.start({ 'a.txt': 'hello' }, '--json');
    await served.run(['cat', served.url('a.txt')]);
    await served.server.says(/"event":"disconnect"/);
    const events = eventsOf(served.server.stdout);
    expect(events.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['listening', 'connection', 'requestStart', 'requestEnd', 'disconnect']),
    );
    expect(events.find(({ event }) => event === 'requestEnd')).toMatchObject({
      v: 1,
      operation: 'download',
      path: 'a.txt',
    });
  });

  it('logs requests as text, connections only with --verbose', async () => {
    await using quiet = await Served.start({ 'a.txt': 'hello' });
    await quiet.run(['cat', quiet.url('a.txt')]);
    await quiet.server.says(/download \/a\.txt .*ok/);
    expect(quiet.server.stderr).not.toContain(' connected');
    await using verbose = await Served.start({ 'a.txt': 'hello' }, '--verbose');
    await verbose.run(['cat', verbose.url('a.txt')]);
    await verbose.server.says(/disconnected/);
    expect(verbose.server.stderr).toContain(' connected');
  });

  it('serves one client over standard input and output', async () => {
    const command = `"${process.execPath}" "${path.resolve('dist/cli.js')}" serve root --stdio`;
    const listed = await runProgram(['ls', '--exec', command, 'socket-ftp:///'], { cwd: folder });
    expect(listed).toMatchObject({ code: 0, stdout: 'a.txt\n' });
    expect((await runProgram(['ls', '-e', command, 'socket-ftp://host/'], { cwd: folder })).code).toBe(2);
    expect((await runProgram(['ls', '-e', 'exit 7', 'socket-ftp:///'], { cwd: folder })).code).toBe(3);
  });

  it('accepts only the codec that it names, with either strategy', async () => {
    await using served = await Served.start(
      { 'a.txt': 'hello' },
      '--codec',
      'json',
      '--strategy',
      'blocking',
    );
    expect((await served.run(['cat', '--codec', 'json', served.url('a.txt')])).stdout).toBe('hello');
    expect((await served.run(['cat', '--connect-timeout', '5s', served.url('a.txt')])).code).toBe(3);
  });

  it('limits what is stored, and the connections', async () => {
    const limits = [
      '--quota',
      '10',
      '--max-file-size',
      '5',
      '--max-connections',
      '5',
      '--max-connections-per-address',
      '5',
    ];
    await using served = await Served.start({}, ...limits);
    expect((await served.run(['put', '-', served.url('a')], { input: '123456' })).code).toBe(11);
    expect((await served.run(['put', '-', served.url('a')], { input: '12345' })).code).toBe(0);
    expect((await served.run(['put', '-', served.url('b')], { input: '12345' })).code).toBe(0);
    expect((await served.run(['put', '-', served.url('c')], { input: '1' })).code).toBe(11);
  });

  it('transfers over UDP where both ends want it', async () => {
    const content = Buffer.alloc(3_000_000, 7);
    await using served = await Served.start(
      { big: content },
      '--udp',
      '--udp-ports',
      '49152-65535',
      '--json',
    );
    const got = await served.run(['get', '--transport', 'udp', served.url('big')]);
    expect(got.code).toBe(0);
    expect(content.equals(await readFile(path.join(served.cwd, 'big')))).toBe(true);
    expect(served.server.stdout).not.toContain('fallback');
  });
});

describe('users of socket-ftp serve', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await newFolder();
    const ann = { password: await hashPassword('s3cret'), tokens: [hashToken('a-token-of-ann-123')] };
    await writeFile(
      path.join(folder, 'users.json'),
      JSON.stringify({ ann, bob: { ...ann, tokens: [], permissions: ['list'] } }),
    );
    await chmod(path.join(folder, 'users.json'), 0o600);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('log in with a password of the environment or of a file, or with a token', async () => {
    await using served = await Served.start({ 'a.txt': 'hello' }, '--users', path.join(folder, 'users.json'));
    const url = served.url('a.txt');
    expect(url).toContain('//ann@');
    const secret = path.join(served.cwd, 'secret');
    await writeFile(secret, 's3cret\n', { mode: 0o600 });
    await writeFile(path.join(served.cwd, 'token'), 'a-token-of-ann-123\n', { mode: 0o600 });
    const ways = [
      served.run(['cat', url], { env: { SOCKET_FTP_PASSWORD: 's3cret' } }),
      served.run(['cat', '--password-file', secret, url]),
      served.run(['cat', '--token-file', 'token', url.replace('ann@', '')]),
      served.run(['cat', url.replace('ann@', '')], { env: { SOCKET_FTP_TOKEN: 'a-token-of-ann-123' } }),
    ];
    expect((await Promise.all(ways)).map(({ stdout }) => stdout)).toEqual(Array(4).fill('hello'));
    expect(served.server.stderr).not.toContain('s3cret');
  });

  it('get exit code 4 for a wrong password, none, or a missing permission', async () => {
    await using served = await Served.start({ 'a.txt': 'hello' }, '--users', path.join(folder, 'users.json'));
    const url = served.url('a.txt');
    expect((await served.run(['cat', url], { env: { SOCKET_FTP_PASSWORD: 'wrong' } })).code).toBe(4);
    const anonymous = await served.run(['cat', url.replace('ann@', '')]);
    expect(anonymous).toMatchObject({ code: 4, stdout: '' });
    expect(anonymous.stderr).toContain('Hint: Write the user in the URL');
    const bob = await served.run(['cat', url.replace('ann@', 'bob@')], {
      env: { SOCKET_FTP_PASSWORD: 's3cret' },
    });
    expect(bob).toMatchObject({ code: 4, stdout: '' });
  });

  it('are refused with exit code 2 if their file is wrong', async () => {
    const file = path.join(folder, 'wrong.json');
    await writeFile(file, '{ "ann": { "password": "plain-text" } }', { mode: 0o600 });
    const outcome = await runProgram(['serve', '.', '--users', file], { cwd: folder });
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).not.toContain('plain-text');
  });

  it('use TLS, trusted by --ca, and certificates of their own', async () => {
    const authority = new Authority();
    const [server, client] = [authority.issue('localhost'), authority.issue('ann')];
    const pems = { 'ca.pem': authority.cert, 'cert.pem': server.cert, 'key.pem': server.key };
    await writeFiles(folder, { ...pems, 'client.pem': client.cert, 'client-key.pem': client.key });
    const file = (name: string): string => path.join(folder, name);
    const tls = ['--cert', file('cert.pem'), '--key', file('key.pem'), '--client-ca', file('ca.pem')];
    await using served = await Served.start({ 'a.txt': 'hello' }, ...tls);
    const url = served.url('a.txt');
    expect(url).toMatch(/^socket-ftps:/);
    const own = ['--client-cert', file('client.pem'), '--client-key', file('client-key.pem')];
    expect((await served.run(['cat', '--ca', file('ca.pem'), ...own, url])).stdout).toBe('hello');
    expect((await served.run(['cat', ...own, url], { env: { SOCKET_FTP_CA: file('ca.pem') } })).stdout).toBe(
      'hello',
    );
    expect((await served.run(['cat', ...own, url])).code).toBe(4);
    expect((await served.run(['cat', '--ca', file('ca.pem'), url])).code).toBe(4);
    expect((await served.run(['cat', url.replace('ftps:', 'ftp:')])).code).toBe(3);
  });

  it('send no password to another machine without TLS, unless that is allowed at both ends', async () => {
    const users = ['--users', path.join(folder, 'users.json')];
    await using served = await Served.start(
      { 'a.txt': 'hello' },
      ...users,
      '--allow-unencrypted-credentials',
    );
    const args = ['cat', '--allow-unencrypted-credentials', served.url('a.txt')];
    expect((await served.run(args, { env: { SOCKET_FTP_PASSWORD: 's3cret' } })).stdout).toBe('hello');
  });
});
