#!/usr/bin/env node
/** The program `socket-ftp`. Only this file ends the process. */
import { readFileSync } from 'node:fs';
import { commands } from './commands.js';
import { systemScheduler } from './progress/scheduler.js';
import { exitCodes, type ExitName } from './runner/exit-codes.js';
import { Interruption } from './runner/interruption.js';
import { runCommandLine } from './runner/run-command-line.js';

await main();

/** Runs the command of the arguments of this process, and ends the process. */
export async function main(): Promise<void> {
  const { stdin, stdout, stderr, env, argv } = process;
  const interruption = new Interruption(process, end);
  // Not at once: a server over standard output still has uploads to keep.
  stdout.on('error', () => interruption.closedOutput());
  stderr.on('error', () => {});
  const exit = await runCommandLine(commands, {
    args: argv.slice(2),
    version: packageVersion(),
    stdin,
    stdout,
    stderr,
    env,
    scheduler: systemScheduler,
    interruption,
  });
  // What is still in a pipe would be lost.
  stdout.write('', () => stderr.write('', () => end(interruption.isOutputClosed ? 'closedOutput' : exit)));
}

/** A terminal in raw mode would stay without an echo. */
function end(exit: ExitName): never {
  if (process.stdin.isTTY) process.stdin.setRawMode(false);
  process.exit(exitCodes[exit].number);
}

function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
