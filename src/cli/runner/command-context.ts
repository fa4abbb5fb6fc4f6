import type { TerminalInput } from '../connection/ask-secret.js';
import type { Output } from '../output/output.js';
import type { Scheduler } from '../progress/scheduler.js';
import type { Command, CommandInput, OptionSpecs } from './command.js';
import type { ExitName } from './exit-codes.js';

/** What a command has of the process around it. */
export interface CommandContext {
  readonly output: Output;
  readonly stdin: TerminalInput;
  readonly env: NodeJS.ProcessEnv;
  /** Aborted by Ctrl-C and SIGTERM: the command begins nothing new, and ends. */
  readonly signal: AbortSignal;
  readonly scheduler: Scheduler;
}

/** Carries out a command. What it throws is shown, and has its exit code by `exitOf`. */
export type RunCommand<Options extends OptionSpecs = OptionSpecs> = (
  input: CommandInput<Options>,
  context: CommandContext,
) => Promise<ExitName>;

/** A row of the table: a command, and what loads its code when it is called. */
export interface CommandRow {
  readonly command: Command;
  readonly load: () => Promise<RunCommand>;
}
