import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { hashToken, verifyPassword } from '../../../src/index.js';
import { eventsOf } from '../../support/cli/events.js';
import { runProgram } from '../../support/cli/program.js';

const run = (args: string[], input: string) =>
  runProgram(['hash-password', ...args], { cwd: tmpdir(), input });

describe('socket-ftp hash-password', () => {
  it.each([[[]], [['--strong']]])(
    'makes a hash that verifies the first line of the input: %j',
    async (options) => {
      const { code, stdout, stderr } = await run(options, 's3cret\nmore\n');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(await verifyPassword('s3cret', stdout.trim())).toBe(true);
      expect(stdout.includes('ln=17')).toBe(options.length > 0);
    },
  );

  it('makes the hash of a token, also as an event', async () => {
    const token = 'a-token-of-16-characters';
    expect((await run(['--token'], token)).stdout.trim()).toBe(hashToken(token));
    expect(eventsOf((await run(['--token', '--json'], token)).stdout)).toEqual([
      { v: 1, event: 'hash', hash: hashToken(token) },
    ]);
  });

  it.each([
    [[], '', /password is empty/],
    [['--token'], 'short', /16 characters/],
    [['--token', '--strong'], 'a-token-of-16-characters', /--strong is for passwords/],
  ])('refuses %j with the input %j, without repeating it', async (options, input, message) => {
    const { code, stdout, stderr } = await run(options, input);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    if (input !== '') expect(stderr).not.toContain(input);
  });
});
