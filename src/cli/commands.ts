/**
 * The table of commands. Help, completion and the reference page come from it.
 *
 * To add a command `tree`:
 *
 * 1. `entries/tree.ts` exports `treeCommand = defineCommand({ ... })`: arguments, options, examples, exit codes. Options
 *    are `...connectionOptions` and functions of `runner/option-spec.ts`; the name of a key is that of the option.
 *    A folder has at most 12 files: entries/, compare/ and tools/ are for what is still to come.
 * 2. `entries/run-tree.ts` exports `runTree: RunCommand<typeof treeCommand.options>`. It parses URLs with
 *    `parseRemoteUrl`, opens a client with `withClient`, passes `context.signal` to every call, writes only by
 *    `context.output`, returns an exit code and throws what fails. Values of the library come from `loadLibrary()`, types
 *    by `import type`: the help must start without the library.
 * 3. A row below, and a new event, if there is one, in `output/events.ts`.
 * 4. `docs/reference/command-line.md` is written by `npm run docs:cli`; a test compares it. A test in `test/cli/programs`
 *    starts the program; another one fails for an option that no test uses.
 */
import { hashPasswordCommand } from './tools/hash-password.js';
import { lsCommand } from './entries/ls.js';
import type { CommandRow, RunCommand } from './runner/command-context.js';
import type { Command, OptionSpecs } from './runner/command.js';
import { serveCommand } from './serve/serve.js';
import { catCommand } from './transfer/cat.js';
import { getCommand } from './transfer/get.js';
import { putCommand } from './transfer/put.js';

/** All commands, in the order of the help. */
export const commands: readonly CommandRow[] = [
  row(serveCommand, async () => (await import('./serve/run-serve.js')).runServe),
  row(getCommand, async () => (await import('./transfer/run-get.js')).runGet),
  row(putCommand, async () => (await import('./transfer/run-put.js')).runPut),
  row(lsCommand, async () => (await import('./entries/run-ls.js')).runLs),
  row(catCommand, async () => (await import('./transfer/run-cat.js')).runCat),
  row(hashPasswordCommand, async () => (await import('./tools/run-hash-password.js')).runHashPassword),
];

/** The compiler checks that the code takes the options of its command; the rows of the table have one type. */
function row<Options extends OptionSpecs>(
  command: Command<Options>,
  load: () => Promise<RunCommand<Options>>,
): CommandRow {
  return { command, load: load as () => Promise<RunCommand> };
}
