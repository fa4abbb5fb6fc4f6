/** Checks the codec and the login: what a client does first. */
import type { FileClient } from '../../../index.js';
import { errorCode, exitOf } from '../../runner/exit-of.js';
import type { DoctorReport } from '../doctor-report.js';

/** What the login is about. */
export interface LoginFacts {
  readonly codec: string;
  readonly user: string | undefined;
  readonly hasSecret: boolean;
  readonly signal: AbortSignal;
}

/** Whether the client is connected. */
export async function checkLogin(
  report: DoctorReport,
  client: FileClient,
  { codec, user, hasSecret, signal }: LoginFacts,
): Promise<boolean> {
  try {
    await client.connect({ signal });
  } catch (error) {
    signal.throwIfAborted();
    const message = error instanceof Error ? error.message : String(error);
    if (errorCode(error) === 'EAUTH') {
      report.passed('codec', codec);
      report.failed({ check: 'login', message, hint: loginHint(user, hasSecret), exit: 'permission' });
    } else {
      const hint = `The server may accept another codec only: try --codec text, or ask its operator.`;
      report.failed({ check: 'codec', message, hint, exit: exitOf(error) });
    }
    return false;
  }
  report.passed('codec', codec);
  report.passed('login', user === undefined ? 'The server lets you in without a user' : `As ${user}`);
  return true;
}

function loginHint(user: string | undefined, hasSecret: boolean): string {
  if (user === undefined && !hasSecret) return 'The server wants a user: write socket-ftp://user@host.';
  if (!hasSecret) return 'Set SOCKET_FTP_PASSWORD, or use --password-file.';
  return 'Check user and password. Passwords travel over TLS only, unless --allow-unencrypted-credentials is given.';
}
