/** Connections to a server that a command starts, such as `ssh host socket-ftp serve --stdio`. */
import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import type { Connect } from '../../index.js';
import { ExitError } from '../runner/exit-error.js';

/** Starts the command, in a shell, for each connection. It writes its errors to the standard error of this process. */
export function connectByCommand(command: string): Connect {
  return () => {
    const child = spawn(command, { shell: true, stdio: ['pipe', 'pipe', 'inherit'] });
    const duplex = Duplex.from({ readable: child.stdout, writable: child.stdin });
    // A command that ends closes its output; what its input reports then is the same event.
    child.stdin.on('error', () => {});
    child.on('error', (cause) => duplex.destroy(failure(command, cause.message)));
    child.on('exit', (code, signal) => {
      if (code !== 0)
        duplex.destroy(failure(command, signal ? `it was ended by ${signal}` : `exit code ${code ?? 0}`));
    });
    duplex.on('close', () => child.kill());
    return duplex;
  };
}

function failure(command: string, reason: string): ExitError {
  return new ExitError('connection', `The command of --exec failed: ${command}: ${reason}.`, {
    code: 'ECONNRESET',
  });
}
