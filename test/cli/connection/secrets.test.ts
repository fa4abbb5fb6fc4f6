import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askSecret } from '../../../src/cli/connection/ask-secret.js';
import { credentialsFor } from '../../../src/cli/connection/credentials.js';
import { readSecretFile } from '../../../src/cli/connection/read-secret-file.js';
import { Output } from '../../../src/cli/output/output.js';
import { systemScheduler } from '../../../src/cli/progress/scheduler.js';
import { parseRemoteUrl } from '../../../src/cli/url/remote-url.js';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), 'socket-ftp-'))));
afterEach(() => rm(folder, { recursive: true }));

async function secretFile(content: string | Buffer, mode = 0o600): Promise<string> {
  const file = path.join(folder, 'secret');
  await writeFile(file, content);
  await chmod(file, mode);
  return file;
}

describe('a file with a secret', () => {
  it.each(['s3cret', 's3cret\n', 's3cret\r\nmore\n'])('gives its first line: %j', async (content) => {
    expect(await readSecretFile(await secretFile(content))).toBe('s3cret');
  });

  it.skipIf(process.platform === 'win32').each([0o640, 0o604, 0o620, 0o666])(
    'is refused if others may use it: %o',
    async (mode) => {
      await expect(readSecretFile(await secretFile('s3cret', mode))).rejects.toThrow(/chmod 600/);
    },
  );

  it.each(['', '\n', '\nsecond'])('is refused if its first line is empty: %j', async (content) => {
    await expect(readSecretFile(await secretFile(content))).rejects.toThrow(/empty/);
  });

  it('is refused if it is large, or missing', async () => {
    await expect(readSecretFile(await secretFile('x'.repeat(4_097)))).rejects.toThrow(/4096 bytes/);
    await expect(readSecretFile(path.join(folder, 'none'))).rejects.toThrow(/cannot be read/);
  });
});

describe('a question for a secret', () => {
  function terminal(typed: string) {
    const modes: boolean[] = [];
    const input = Object.assign(new PassThrough(), {
      isTTY: true,
      setRawMode: (mode: boolean) => modes.push(mode),
    });
    const output = new PassThrough();
    input.write(typed);
    return { answer: askSecret('Password: ', input, output), modes, written: () => String(output.read()) };
  }

  it.each([
    ['abc\r', 'abc'],
    ['abd\x7fc\n', 'abc'],
    ['wrong\x15right\r', 'right'],
    ['é😀\r', 'é😀'],
    ['a\x1bb\r', 'ab'],
    ['\r', ''],
  ])('is answered without an echo: %j', async (typed, secret) => {
    const { answer, modes, written } = terminal(typed);
    expect(await answer).toBe(secret);
    expect(written()).toBe('Password: \n');
    expect(modes).toEqual([true, false]);
  });

  it('is written when the echo is off', async () => {
    const events: string[] = [];
    const setRawMode = (mode: boolean) => events.push(mode ? 'echo off' : 'echo on');
    const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode });
    const output = new PassThrough();
    output.on('data', (bytes: Buffer) => events.push(bytes.toString()));
    input.write('abc\r');
    await askSecret('Password: ', input, output);
    expect(events).toEqual(['echo off', 'Password: ', 'echo on', '\n']);
  });

  it.each([
    ['ab\x03', 'interrupted'],
    ['ab\x04', 'usage'],
  ])('ends with %j, and the echo returns', async (typed, exit) => {
    const { answer, modes } = terminal(typed);
    await expect(answer).rejects.toMatchObject({ exit });
    expect(modes).toEqual([true, false]);
  });
});

describe('the credentials of a connection', () => {
  const none = { passwordFile: undefined, tokenFile: undefined, clientCert: undefined };
  const credentials = (
    url: string,
    options: Partial<typeof none | Record<string, string>>,
    env: NodeJS.ProcessEnv = {},
  ) => {
    const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
    const output = new Output(streams, { isJson: false, isQuiet: false, isVerbose: false });
    const { signal } = new AbortController();
    const context = { output, env, signal, stdin: new PassThrough(), scheduler: systemScheduler };
    return credentialsFor(parseRemoteUrl(url), { ...none, ...options }, context);
  };

  it('are the user of the URL and a password of the environment', async () => {
    const env = { SOCKET_FTP_PASSWORD: 'pw' };
    expect(await credentials('socket-ftp://ann@h', {}, env)).toMatchObject({ user: 'ann', password: 'pw' });
    // A password without a user proves nothing.
    expect(await credentials('socket-ftp://h', {}, env)).toMatchObject({
      user: undefined,
      password: undefined,
    });
  });

  it('are those of a file, before those of the environment', async () => {
    const passwordFile = await secretFile('file');
    const env = { SOCKET_FTP_PASSWORD: 'env', SOCKET_FTP_TOKEN: 'token-of-environment' };
    expect(await credentials('socket-ftp://ann@h', { passwordFile }, env)).toEqual({
      user: 'ann',
      password: 'file',
      token: undefined,
    });
  });

  it('are a token without a user', async () => {
    expect(await credentials('socket-ftp://h', {}, { SOCKET_FTP_TOKEN: 'abc' })).toMatchObject({
      token: 'abc',
    });
  });

  it('are not asked for without a terminal', async () => {
    expect(await credentials('socket-ftp://ann@h', {})).toMatchObject({ user: 'ann', password: undefined });
  });

  it('are refused if a variable is empty, or a password has no user', async () => {
    await expect(credentials('socket-ftp://a@h', {}, { SOCKET_FTP_PASSWORD: '' })).rejects.toThrow(
      /is empty/,
    );
    const passwordFile = await secretFile('x');
    await expect(credentials('socket-ftp://h', { passwordFile })).rejects.toThrow(/needs a user/);
  });
});
