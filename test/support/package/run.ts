/** Runs a program to its end, as a test sees it from outside. */
import { execFile } from 'node:child_process';

/** The outcome of a program. */
export interface Outcome {
  /** 0 if it was content; `undefined` if it had to be killed. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly cwd: string;
  readonly timeoutMs?: number;
}

/** Runs a script with this Node, and resolves when it has ended, however it did. */
export function runNode(args: readonly string[], options: RunOptions): Promise<Outcome> {
  return runProgram(process.execPath, args, options);
}

/** Runs a program with plain words as arguments, and resolves when it has ended, however it did. */
export function runProgram(program: string, args: readonly string[], options: RunOptions): Promise<Outcome> {
  return run(program, args, { ...options, shell: false });
}

/** Runs npm, which on Windows is a script that only a shell can start: the arguments must be plain words. */
export async function runNpm(args: readonly string[], options: RunOptions): Promise<string> {
  const outcome = await run('npm', args, { ...options, shell: process.platform === 'win32' });
  if (outcome.code !== 0) throw new Error(`npm ${args.join(' ')} failed:\n${outcome.stderr}`);
  return outcome.stdout;
}

function run(
  program: string,
  args: readonly string[],
  { cwd, timeoutMs = 100_000, shell }: RunOptions & { shell: boolean },
): Promise<Outcome> {
  return new Promise((resolve) => {
    const settle = (error: Error | null, stdout: string, stderr: string): void => {
      resolve({ code: error ? (child.exitCode ?? undefined) : 0, stdout, stderr });
    };
    const child = execFile(program, args, { cwd, timeout: timeoutMs, killSignal: 'SIGKILL', shell }, settle);
  });
}
