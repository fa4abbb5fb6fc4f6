/** The user, and the password or token, of a connection. Never from an argument. */
import type { CommandContext } from '../runner/command-context.js';
import { usageError } from '../runner/usage-error.js';
import type { RemoteUrl } from '../url/remote-url.js';
import { askSecret } from './ask-secret.js';
import { readSecretFile } from './read-secret-file.js';

/** What proves a user to a server. */
export interface SentCredentials {
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly token: string | undefined;
}

/** The options that name secrets. */
export interface SecretOptions {
  readonly passwordFile: string | undefined;
  readonly tokenFile: string | undefined;
  readonly clientCert: string | undefined;
}

/** The credentials by options, then by the environment, then by a question on the terminal. */
export async function credentialsFor(
  { user }: RemoteUrl,
  options: SecretOptions,
  context: CommandContext,
): Promise<SentCredentials> {
  const { env } = context;
  if (options.tokenFile !== undefined)
    return { user, password: undefined, token: await readSecretFile(options.tokenFile) };
  if (options.passwordFile !== undefined) {
    if (user === undefined) throw usageError('--password-file needs a user: socket-ftp://user@host/path.');
    return { user, password: await readSecretFile(options.passwordFile), token: undefined };
  }
  const token = secretVariable(env, 'SOCKET_FTP_TOKEN');
  if (token !== undefined) return { user, password: undefined, token };
  if (user === undefined) return { user, password: undefined, token: undefined };
  const password = secretVariable(env, 'SOCKET_FTP_PASSWORD');
  if (password !== undefined || options.clientCert !== undefined) return { user, password, token: undefined };
  return { user, password: await askedPassword(user, context), token: undefined };
}

async function askedPassword(user: string, { stdin, output }: CommandContext): Promise<string | undefined> {
  if (!stdin.isTTY || !output.stderr.isTTY) return undefined;
  const question = output.render(output.stderr, [`Password of ${user}: `]);
  const password = await askSecret(question, stdin, output.stderr);
  if (password !== '') return password;
  throw usageError('The password is empty.');
}

/** An empty variable is most likely a mistake: a server accepts no empty secret. */
function secretVariable(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = env[name];
  if (value === '') throw usageError(`The environment variable ${name} is empty. Set it, or unset it.`);
  return value;
}
