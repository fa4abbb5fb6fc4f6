/** Connections to a server that a command starts, such as `ssh host socket-ftp serve --stdio`. */
import { spawn } from 'node:child_process';
import { Duplex, PassThrough } from 'node:stream';
import type { Connect } from '../../index.js';
import { ExitError } from '../runner/exit-error.js';

/** Time in ms for a command to end after its output has ended: its exit code tells why. */
const EXIT_MS = 1_000;

/** Starts the command, in a shell, for each connection. It writes its errors to the standard error of this process. */
export function connectByCommand(command: string): Connect {
  return () => {
    const child = spawn(command, { shell: true, stdio: ['pipe', 'pipe', 'inherit'] });
    const exited = new Promise<Error | null>((resolve) => {
      child.once('error', (cause) => resolve(failure(command, cause.message)));
      child.once('exit', (code, signal) => {
        const reason = signal ? `it was ended by ${signal}` : `exit code ${code ?? 0}`;
        resolve(code === 0 ? null : failure(command, reason));
      });
    });
    const readable = new PassThrough({
      flush: (callback) => {
        const timer = setTimeout(() => callback(), EXIT_MS);
        void exited.then((error) => {
          clearTimeout(timer);
          callback(error);
        });
      },
    });
    child.stdout.pipe(readable);
    // A command that ends closes its output; what its input reports then is the same event.
    child.stdin.on('error', () => {});
    const duplex = Duplex.from({ readable, writable: child.stdin });
    duplex.on('close', () => child.kill());
    return duplex;
  };
}

function failure(command: string, reason: string): ExitError {
  return new ExitError('connection', `The command of --exec failed: ${command}: ${reason}.`, {
    code: 'ECONNRESET',
  });
}
