import { execFile } from 'node:child_process';

/**
 * Runs a program to its end, and resolves to its exit code and what it printed.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd: string, ms: number }} options
 * @returns {Promise<{ code: number, stdout: string, output: string }>}
 */
export function run(program, args, { cwd, ms }) {
  return new Promise((resolve) => {
    const options = { cwd, timeout: ms, killSignal: 'SIGKILL', maxBuffer: 64 * 1_048_576 };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      const late = error?.killed ? `\nThe program did not end within ${ms} ms.` : '';
      resolve({ code: error ? (child.exitCode ?? -1) : 0, stdout, output: `${stdout}${stderr}${late}` });
    });
  });
}
