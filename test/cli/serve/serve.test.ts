import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parsePortRange } from '../../../src/cli/serve/port-range.js';
import { pageUrls, sharedUrls, socketUrl } from '../../../src/cli/serve/shared-urls.js';
import { readUsersFile } from '../../../src/cli/serve/users-file.js';

const address = (text: string, internal = false) =>
  ({ address: text, internal, netmask: '', mac: '', cidr: null, family: 'IPv4' }) as const;
const interfaces = {
  lo: [address('127.0.0.1', true)],
  eth0: [address('192.168.1.5'), address('2001:db8::5'), address('fe80::1')],
};

describe('the URLs of a server', () => {
  const place = { port: 2121, isEncrypted: false, user: undefined };

  it.each([
    ['127.0.0.1', ['socket-ftp://127.0.0.1:2121/']],
    ['0.0.0.0', ['socket-ftp://localhost:2121/', 'socket-ftp://192.168.1.5:2121/']],
    [
      '::',
      ['socket-ftp://localhost:2121/', 'socket-ftp://192.168.1.5:2121/', 'socket-ftp://[2001:db8::5]:2121/'],
    ],
  ])('on %s are complete', (host, urls) => {
    expect(sharedUrls({ ...place, address: host }, interfaces)).toEqual(urls);
  });

  it('name TLS and a user', () => {
    const urls = sharedUrls({ address: '::1', port: 5, isEncrypted: true, user: 'a b' }, interfaces);
    expect(urls).toEqual(['socket-ftps://a%20b@[::1]:5/']);
  });

  it('are those of pages for web browsers, without a user', () => {
    expect(pageUrls({ address: '::1', port: 5, isEncrypted: true, user: 'ann' })).toEqual([
      'https://[::1]:5/',
    ]);
    expect(pageUrls({ ...place, address: '0.0.0.0' }, interfaces)).toEqual([
      'http://localhost:2121/',
      'http://192.168.1.5:2121/',
    ]);
  });

  it('are those of the only hosts that get pages', () => {
    const named = { ...place, httpHost: ['files.example.com', '[2001:db8::5]'] };
    expect(pageUrls({ ...named, address: '0.0.0.0' }, interfaces)).toEqual([
      'http://localhost:2121/',
      'http://files.example.com:2121/',
      'http://[2001:db8::5]:2121/',
    ]);
    expect(pageUrls({ ...named, address: '192.168.1.5' })).toEqual([
      'http://files.example.com:2121/',
      'http://[2001:db8::5]:2121/',
    ]);
    // Another program passes the requests of other machines on.
    expect(pageUrls({ ...named, address: '127.0.0.1' })).toEqual(['http://127.0.0.1:2121/']);
  });

  it('name a Unix socket', () => {
    expect(socketUrl('/run/a b.sock', undefined)).toBe('socket-ftp+unix:///run/a%20b.sock:/');
  });
});

describe('a range of ports', () => {
  it('has a first and a last port', () => {
    expect(parsePortRange('49152-49200')).toEqual([49_152, 49_200]);
  });

  it.each(['', '5', '0-5', '6-5', '1-65536', 'a-b'])('is refused: %j', (text) => {
    expect(() => parsePortRange(text)).toThrow(/range of ports/);
  });
});

describe('a file of users', () => {
  let file: string;
  beforeEach(async () => (file = path.join(await mkdtemp(path.join(tmpdir(), 'socket-ftp-')), 'users.json')));
  afterEach(() => rm(path.dirname(file), { recursive: true }));

  async function written(text: string, mode = 0o600): Promise<string> {
    await writeFile(file, text);
    await chmod(file, mode);
    return file;
  }

  it('is a table', async () => {
    expect(await readUsersFile(await written('{ "ann": { "password": "x" } }', 0o640))).toEqual({
      ann: { password: 'x' },
    });
  });

  it.each([
    ['secret text', /is not JSON/],
    ['[]', /must contain an object/],
    ['null', /must contain an object/],
    ['{ "ann": { "storage": {} } }', /storage/],
  ])('is refused without its content in the message: %s', async (text, message) => {
    const error = await readUsersFile(await written(text)).catch(String);
    expect(error).toMatch(message);
    expect(error).not.toContain('secret');
  });

  it.skipIf(process.platform === 'win32')('is refused if others may change it', async () => {
    await expect(readUsersFile(await written('{}', 0o620))).rejects.toThrow(/chmod go-w/);
  });
});
