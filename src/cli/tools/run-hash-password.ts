/** Makes hashes of passwords and tokens. */
import { createInterface } from 'node:readline';
import { askSecret } from '../connection/ask-secret.js';
import { loadLibrary } from '../library.js';
import type { CommandContext, RunCommand } from '../runner/command-context.js';
import { usageError } from '../runner/usage-error.js';
import type { hashPasswordCommand } from './hash-password.js';

/** The cost that OWASP recommends for scrypt with 8 blocks. */
const STRONG_COST = 2 ** 17;

export const runHashPassword: RunCommand<typeof hashPasswordCommand.options> = async (
  { options },
  context,
) => {
  const { hashPassword, hashToken } = await loadLibrary();
  const kind = options.token ? 'token' : 'password';
  if (options.token && options.strong) throw usageError('--strong is for passwords: a token is random.');
  const secret = await (context.stdin.isTTY ? askTwice(kind, context) : firstLine(context));
  if (secret === '') throw usageError(`The ${kind} is empty.`);
  const hash = options.token
    ? tokenHash(hashToken, secret)
    : await hashPassword(secret, options.strong ? { cost: STRONG_COST } : {});
  context.output.event('hash', { hash });
  context.output.print(hash);
  return 'ok';
};

function tokenHash(hashToken: (token: string) => string, token: string): string {
  try {
    return hashToken(token);
  } catch (error) {
    // The library says what is wrong with a token, without the token.
    throw usageError(error instanceof Error ? error.message : String(error));
  }
}

async function askTwice(kind: string, { stdin, output }: CommandContext): Promise<string> {
  const secret = await askSecret(`The ${kind}: `, stdin, output.stderr);
  if ((await askSecret(`The ${kind} again: `, stdin, output.stderr)) === secret) return secret;
  throw usageError(`The two ${kind}s differ.`);
}

async function firstLine({ stdin }: CommandContext): Promise<string> {
  for await (const line of createInterface({ input: stdin })) return line;
  return '';
}
