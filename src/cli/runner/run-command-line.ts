/** Runs the program once: arguments in, exit code out. It touches nothing of the process but what it is given. */
import { CommanderError } from 'commander';
import { escapeControlCharacters } from '../output/escape-control-characters.js';
import { Output, type OutputSettings } from '../output/output.js';
import { quoteArguments } from '../values/quote-arguments.js';
import { buildProgram } from './build-program.js';
import type { CommandContext, CommandRow } from './command-context.js';
import type { CommandInput } from './command.js';
import { exitCodes, type ExitName } from './exit-codes.js';
import { errorCode, exitOf } from './exit-of.js';
import { hintOf } from './hint-of.js';
import type { Interruption } from './interruption.js';

/** The process around the program. */
export interface Surroundings
  extends Omit<CommandContext, 'output' | 'signal' | 'commands'>, Pick<Output, 'stdout' | 'stderr'> {
  /** The arguments behind the name of the program. */
  readonly args: readonly string[];
  readonly version: string;
  readonly interruption: Interruption;
}

/** Runs the command of the arguments. Never throws. */
export async function runCommandLine(rows: readonly CommandRow[], around: Surroundings): Promise<ExitName> {
  const { args, stdout, stderr, env } = around;
  let exit: ExitName = 'ok';
  const program = buildProgram(rows, {
    version: around.version,
    writeOut: (text) => void stdout.write(text),
    writeError: (text) => void stderr.write(escapedLines(text)),
    run: async (row, input) => {
      const all = rows.map(({ command }) => command);
      exit = await runRow(row, input, { ...around, commands: all });
    },
  });
  try {
    const hint = passwordArgument(rows, args);
    if (hint !== undefined) throw new CommanderError(exitCodes.usage.number, 'socket-ftp.password', hint);
    await program.parseAsync(args, { from: 'user' });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError) return exitOfParser(error, stderr);
    new Output({ stdout, stderr }, { isJson: false, isQuiet: false, isVerbose: false }, env).error(
      messageOf(error),
    );
    return exitOf(error);
  }
}

async function runRow(
  row: CommandRow,
  input: CommandInput,
  around: Surroundings & Pick<CommandContext, 'commands'>,
): Promise<ExitName> {
  const { stdout, stderr, env, stdin, scheduler, interruption, commands } = around;
  const output = new Output({ stdout, stderr }, outputSettings(input.options), env);
  try {
    const run = await row.load();
    return await run(input, { output, stdin, env, scheduler, signal: interruption.signal, commands });
  } catch (error) {
    const exit = interruption.exit ?? exitOf(error);
    // There is nothing to say: the reader has what it wanted.
    if (exit === 'closedOutput') return exit;
    const message = interruption.exit === undefined ? messageOf(error) : 'Interrupted.';
    output.event('error', { code: errorCode(error), message, exitCode: exitCodes[exit].number });
    output.error(message);
    const hint = interruption.exit === undefined ? hintOf(error) : undefined;
    if (hint !== undefined) output.note(['yellow', `Hint: ${hint}`]);
    if (interruption.exit !== undefined && row.command.isResumable) {
      output.note('To continue, run the same command again:');
      output.note(`  socket-ftp ${quoteArguments(around.args)}`);
    }
    return exit;
  }
}

function outputSettings(options: Readonly<Record<string, unknown>>): OutputSettings {
  const { json, quiet, verbose } = options;
  return { isJson: json === true, isQuiet: quiet === true, isVerbose: verbose === true };
}

/** The help and the version are no errors, unless the help is the answer to missing arguments. */
function exitOfParser(error: CommanderError, stderr: Output['stderr']): ExitName {
  if (error.code === 'socket-ftp.password') stderr.write(`socket-ftp: ${error.message}\n`);
  return error.exitCode === 0 ? 'ok' : 'usage';
}

/** Other users can read the arguments of a process. The hint does not repeat the password. */
function passwordArgument(rows: readonly CommandRow[], args: readonly string[]): string | undefined {
  const options = rows.find(({ command }) => command.name === args[0])?.command.options ?? {};
  const end = args.indexOf('--');
  const names = (end < 0 ? args : args.slice(0, end)).map((argument) => argument.split('=')[0] ?? '');
  const name = names.find(
    (given) => /^--(?:password|token|pass)$/.test(given) && !Object.hasOwn(options, given.slice(2)),
  );
  if (name === undefined) return undefined;
  const [kind, variable] =
    name === '--token' ? ['token', 'SOCKET_FTP_TOKEN'] : ['password', 'SOCKET_FTP_PASSWORD'];
  return `There is no ${name}: other users can read the arguments of a process. Set ${variable}, or use --${kind}-file.`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The parser quotes arguments in its messages, which may contain anything. */
function escapedLines(text: string): string {
  return text.split('\n').map(escapeControlCharacters).join('\n');
}
