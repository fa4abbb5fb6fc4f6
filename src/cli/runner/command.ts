/**
 * The row of a command: its arguments, options, examples and exit codes. Parsing, help, completion and the reference page
 * are made from it, and the type of what a command is called with is derived from it.
 */
import { type OptionSpec } from './option-spec.js';
import { type ExitName } from './exit-codes.js';

/** An argument without a name, by its place. */
export interface ArgumentSpec {
  readonly name: string;
  readonly summary: string;
  /** Whether the command needs it. */
  readonly isRequired: boolean;
  /** Whether there may be several. */
  readonly isVariadic?: true;
  /** Whether it comes behind a variadic one: the command itself tells it from the others, and gets both in `operands`. */
  readonly isLast?: true;
}

/** A command line that can be copied, and what it does. */
interface Example {
  readonly line: string;
  readonly does: string;
}

/** The options of a command, by the names of their values: `dryRun` is `--dry-run`. */
export type OptionSpecs = Readonly<Record<string, OptionSpec<unknown>>>;

/** A command, without the code that carries it out. */
export interface Command<Options extends OptionSpecs = OptionSpecs> {
  readonly name: string;
  /** One sentence in the imperative. */
  readonly summary: string;
  /** Further sentences of the help. */
  readonly details?: readonly string[];
  readonly arguments: readonly ArgumentSpec[];
  readonly options: Options;
  /** At least one. */
  readonly examples: readonly [Example, ...Example[]];
  /** The exit codes besides those that every command has. */
  readonly exitCodes: readonly ExitName[];
  /** Whether the same command line continues what an interruption has cut. */
  readonly isResumable?: true;
}

/** The values of options. An option that was not given, and has no variable in the environment, is undefined. */
export type OptionValues<Options extends OptionSpecs> = {
  readonly [Name in keyof Options]: Options[Name] extends OptionSpec<infer Value> ? Value | undefined : never;
};

/** What a command is called with. */
export interface CommandInput<Options extends OptionSpecs = OptionSpecs> {
  /** The arguments in their order, the variadic one spread. None is empty. */
  readonly operands: readonly string[];
  readonly options: OptionValues<Options>;
}

/** The input of a command. */
export type InputOfCommand<Row> = Row extends Command<infer Options> ? CommandInput<Options> : never;

/** Checks the types of a row. */
export function defineCommand<Options extends OptionSpecs>(command: Command<Options>): Command<Options> {
  return command;
}
