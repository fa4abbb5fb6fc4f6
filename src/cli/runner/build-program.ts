/** The table of commands as a parser of commander. */
import { Argument, Command as Parser, InvalidArgumentError, Option } from 'commander';
import type { ArgumentSpec, Command, CommandInput } from './command.js';
import type { CommandRow } from './command-context.js';
import { exitCodes } from './exit-codes.js';
import { flagOf, type OptionSpec } from './option-spec.js';
import { UsageError, usageError } from './usage-error.js';

/** Where the parser writes, and what it calls. */
export interface ProgramEnds {
  readonly version: string;
  readonly writeOut: (text: string) => void;
  readonly writeError: (text: string) => void;
  readonly run: (row: CommandRow, input: CommandInput) => Promise<void>;
}

/** The parser. It throws a CommanderError in place of ending the process. */
export function buildProgram(rows: readonly CommandRow[], ends: ProgramEnds): Parser {
  const program = new Parser('socket-ftp')
    .description('Transfers files over one socket.')
    .version(ends.version, '-V, --version', 'Shows the version')
    .helpOption('-h, --help', 'Shows the help')
    .helpCommand('help [command]', 'Shows the help of a command')
    .showHelpAfterError('(socket-ftp --help shows all commands)')
    .configureOutput({
      writeOut: ends.writeOut,
      writeErr: ends.writeError,
      outputError: (message, write) => write(`socket-ftp: ${message.replace(/^error: /, '')}`),
    })
    .exitOverride();
  for (const row of rows) addCommand(program, row, ends);
  return program;
}

function addCommand(program: Parser, row: CommandRow, { run }: ProgramEnds): void {
  const { command } = row;
  const parser = program
    .command(command.name)
    .description([command.summary, ...(command.details ?? [])].map((sentence) => `${sentence}.`).join('\n'))
    .summary(command.summary)
    .helpOption('-h, --help', 'Shows the help')
    .showHelpAfterError(`(socket-ftp ${command.name} --help shows the options)`)
    .addHelpText('after', examplesText(command))
    .exitOverride();
  addArguments(parser, command);
  for (const [name, spec] of Object.entries(command.options)) parser.addOption(optionOf(name, spec));
  parser.action(async () => {
    const operands = parser.processedArgs
      .flat()
      .filter((operand): operand is string => operand !== undefined);
    await run(row, { operands: operands.map(notEmpty), options: parser.opts() });
  });
}

/** The parser knows a variadic argument only at the end: what follows one is counted as one of it. */
function addArguments(parser: Parser, { name, arguments: specs }: Command): void {
  for (const spec of specs) if (!spec.isLast) parser.addArgument(argumentOf(spec));
  const last = specs.find(({ isLast }) => isLast);
  if (last === undefined) return;
  parser.usage(`[options] ${specs.map((spec) => argumentWord(spec)).join(' ')}`);
  parser.addHelpText('after', `\nThe last argument, ${argumentWord(last)}: ${last.summary}`);
  parser.hook('preAction', () => {
    const needed = specs.filter(({ isRequired }) => isRequired).length;
    if (parser.args.length < needed) {
      parser.error(`error: ${name} needs ${specs.map((spec) => argumentWord(spec)).join(' ')}`, {
        exitCode: exitCodes.usage.number,
      });
    }
  });
}

function argumentWord({ name, isRequired, isVariadic }: ArgumentSpec): string {
  const word = isVariadic ? `${name}...` : name;
  return isRequired ? `<${word}>` : `[${word}]`;
}

function argumentOf(spec: ArgumentSpec): Argument {
  return new Argument(argumentWord(spec), spec.summary);
}

function optionOf(name: string, spec: OptionSpec<unknown>): Option {
  const long = spec.placeholder === undefined ? flagOf(name) : `${flagOf(name)} <${spec.placeholder}>`;
  const option = new Option(spec.short === undefined ? long : `-${spec.short}, ${long}`, descriptionOf(spec));
  if (spec.variable !== undefined) option.env(spec.variable);
  const { parse, kind } = spec;
  if (parse) {
    option.argParser((given: string, earlier: unknown) => {
      const value = parsedBy(parse, given);
      return kind === 'list' ? [...((earlier as unknown[] | undefined) ?? []), value] : value;
    });
  }
  return option;
}

function descriptionOf({ summary, fallback, choices }: OptionSpec<unknown>): string {
  const shown = choices === undefined || fallback !== undefined ? fallback : undefined;
  return shown === undefined ? summary : `${summary} (default: ${shown})`;
}

function parsedBy(parse: (text: string) => unknown, given: string): unknown {
  try {
    return parse(notEmpty(given));
  } catch (error) {
    // The parser adds the name of the option.
    if (error instanceof UsageError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}

/** An empty argument is most likely an unset variable of a shell, and never means a root or the current directory. */
function notEmpty(text: string): string {
  if (text !== '') return text;
  throw usageError('An argument is empty. Is a shell variable unset?');
}

function examplesText({ examples }: Command): string {
  return ['', 'Examples:', ...examples.flatMap(({ line, does }) => [`  ${line}`, `      ${does}`])].join(
    '\n',
  );
}
