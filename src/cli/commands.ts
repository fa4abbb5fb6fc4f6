/**
 * The table of commands. Help, completion and the reference page come from it.
 *
 * To add a command `tree`:
 *
 * 1. `entries/tree.ts` exports `treeCommand = defineCommand({ ... })`: arguments, options, examples, exit codes. Options
 *    are `...connectionOptions` and functions of `runner/option-spec.ts`; the name of a key is that of the option.
 *    A folder has at most 12 files: changes/ is for what changes entries, tools/ for what is about a server.
 * 2. `entries/run-tree.ts` exports `runTree: RunCommand<typeof treeCommand.options>`. It parses URLs with
 *    `parseRemoteUrl`, opens a client with `withClient`, passes `context.signal` to every call, writes only by
 *    `context.output`, returns an exit code and throws what fails. Values of the library come from `loadLibrary()`, types
 *    by `import type`: the help must start without the library.
 * 3. A row below, and a new event, if there is one, in `output/events.ts`.
 * 4. `docs/reference/command-line.md` is written by `npm run docs:cli`; a test compares it. A test in `test/cli/programs`
 *    starts the program; another one fails for an option that no test uses.
 */
import { checkCommand } from './compare/check.js';
import { syncCommand } from './compare/sync.js';
import { hashPasswordCommand } from './tools/hash-password.js';
import { statCommand } from './entries/stat.js';
import { treeCommand } from './entries/tree.js';
import { watchCommand } from './entries/watch.js';
import { rmCommand } from './changes/rm.js';
import { mvCommand } from './changes/mv.js';
import { completionCommand } from './completion/completion.js';
import { doctorCommand } from './doctor/doctor.js';
import { cpCommand } from './changes/cp.js';
import { mkdirCommand } from './changes/mkdir.js';
import { pingCommand } from './tools/ping.js';
import { callCommand } from './tools/call.js';
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
  row(syncCommand, async () => (await import('./compare/run-sync.js')).runSync),
  row(checkCommand, async () => (await import('./compare/run-check.js')).runCheck),
  row(lsCommand, async () => (await import('./entries/run-ls.js')).runLs),
  row(treeCommand, async () => (await import('./entries/run-tree.js')).runTree),
  row(statCommand, async () => (await import('./entries/run-stat.js')).runStat),
  row(catCommand, async () => (await import('./transfer/run-cat.js')).runCat),
  row(rmCommand, async () => (await import('./changes/run-rm.js')).runRm),
  row(mvCommand, async () => (await import('./changes/run-mv.js')).runMv),
  row(cpCommand, async () => (await import('./changes/run-cp.js')).runCp),
  row(mkdirCommand, async () => (await import('./changes/run-mkdir.js')).runMkdir),
  row(watchCommand, async () => (await import('./entries/run-watch.js')).runWatch),
  row(callCommand, async () => (await import('./tools/run-call.js')).runCall),
  row(pingCommand, async () => (await import('./tools/run-ping.js')).runPing),
  row(doctorCommand, async () => (await import('./doctor/run-doctor.js')).runDoctor),
  row(hashPasswordCommand, async () => (await import('./tools/run-hash-password.js')).runHashPassword),
  row(completionCommand, async () => (await import('./completion/run-completion.js')).runCompletion),
];

/** The compiler checks that the code takes the options of its command; the rows of the table have one type. */
function row<Options extends OptionSpecs>(
  command: Command<Options>,
  load: () => Promise<RunCommand<Options>>,
): CommandRow {
  return { command, load: load as () => Promise<RunCommand> };
}
