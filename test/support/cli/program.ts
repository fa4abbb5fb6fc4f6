/** The built program as a process. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { repositoryRoot } from '../repository.js';

/** The path of the built program. */
export const programFile = path.join(repositoryRoot, 'dist', 'cli.js');

/** How the program is started. */
export interface ProgramOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What standard input contains; it ends after that. Default: nothing. */
  readonly input?: string | Buffer;
}

/** The outcome of the program. */
export interface ProgramOutcome {
  readonly code: number | null;
  /** A character for each byte. */
  readonly stdout: string;
  /** Standard output as UTF-8. */
  readonly text: string;
  readonly stderr: string;
}

/** A program that runs. */
export class Program {
  readonly child: ChildProcessWithoutNullStreams;
  stdout = '';
  stderr = '';
  readonly #closed: Promise<unknown>;

  constructor(args: readonly string[], { cwd, env }: ProgramOptions) {
    this.child = spawn(process.execPath, [programFile, ...args], {
      cwd,
      env: { ...cleanEnvironment(), ...env },
    });
    this.child.stdout.on('data', (bytes: Buffer) => (this.stdout += bytes.toString('latin1')));
    this.child.stderr.on('data', (bytes: Buffer) => (this.stderr += bytes.toString('utf8')));
    // A program that ends does not read its input.
    this.child.stdin.on('error', () => {});
    this.#closed = once(this.child, 'close');
  }

  /** Waits for a text of standard output or standard error. Fails if the program ends before. */
  async says(text: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = text.exec(this.stdout) ?? text.exec(this.stderr);
      if (found) return found;
      const data = [once(this.child.stdout, 'data'), once(this.child.stderr, 'data')];
      const ended = await Promise.race([
        ...data.map((one) => one.then(() => false)),
        this.#closed.then(() => true),
      ]);
      const last = text.exec(this.stdout) ?? text.exec(this.stderr);
      if (ended && !last)
        throw new Error(`The program never said ${String(text)}:\n${this.stdout}${this.stderr}`);
    }
  }

  /** Waits for the end. */
  async outcome(): Promise<ProgramOutcome> {
    await this.#closed;
    const text = Buffer.from(this.stdout, 'latin1').toString('utf8');
    return { code: this.child.exitCode, stdout: this.stdout, text, stderr: this.stderr };
  }
}

/** Runs the program to its end. */
export async function runProgram(args: readonly string[], options: ProgramOptions): Promise<ProgramOutcome> {
  const program = new Program(args, options);
  program.child.stdin.end(options.input ?? '');
  return program.outcome();
}

/** Variables of the machine must not reach the program. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:SOCKET_FTP_|NO_COLOR$|NODE_)/.test(name)),
  );
}
