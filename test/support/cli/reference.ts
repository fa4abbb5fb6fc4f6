/** The reference page of the command line, made from the table of commands. */
import { commands } from '../../../src/cli/commands.js';
import { events } from '../../../src/cli/output/events.js';
import type { Command } from '../../../src/cli/runner/command.js';
import { commonExits, exitCodes, type ExitName } from '../../../src/cli/runner/exit-codes.js';
import { exitOfCode } from '../../../src/cli/runner/exit-of.js';
import { flagOf, type OptionSpec } from '../../../src/cli/runner/option-spec.js';
import { variables } from '../../../src/cli/connection/variables.js';

/** The page as Markdown. */
export function referencePage(): string {
  return [
    '# Command line: reference',
    'After this page you know every command, option, exit code, variable and event of the program `socket-ftp`. The guide [Command line](../guides/command-line.md) shows how to use them.',
    '<!-- Made by `npm run docs:cli` from src/cli/commands.ts. -->',
    table(
      ['command', 'does'],
      commands.map(({ command }) => [`[\`${command.name}\`](#${command.name})`, command.summary]),
    ),
    ...commands.flatMap(({ command }) => commandSection(command)),
    '## Exit codes',
    'The third column has the [codes of errors](errors.md) that end a command with this exit code.',
    table(
      ['code', 'meaning', 'errors'],
      Object.entries(exitCodes).map(([name, { number, meaning }]) => [
        String(number),
        meaning,
        errorsOf(name),
      ]),
    ),
    '## Environment',
    table(
      ['variable', 'meaning'],
      Object.entries(variables).map(([name, meaning]) => [`\`${name}\``, meaning]),
    ),
    '## Events',
    'With `--json`, each line of standard output is a JSON object `{"v":1,"event":...}`. While `v` is 1, events and fields are only added. A field with `?` may be missing.',
    table(
      ['event', 'when', 'fields'],
      Object.entries(events).map(([name, { when, fields }]) => [`\`${name}\``, when, fieldsText(fields)]),
    ),
    '',
  ].join('\n\n');
}

function errorsOf(exit: string): string {
  const codes = Object.entries(exitOfCode).filter(([, name]) => name === exit);
  return codes.map(([code]) => `\`${code}\``).join(', ');
}

function commandSection(command: Command): string[] {
  const { name, summary, details = [], examples, exitCodes: exits } = command;
  const words = command.arguments.map(({ name: word, isRequired, isVariadic }) => {
    const shown = isVariadic ? `${word}...` : word;
    return isRequired ? `<${shown}>` : `[${shown}]`;
  });
  return [
    `## ${name}`,
    [summary, ...details].map((sentence) => `${sentence}.`).join(' '),
    ['```sh', ['socket-ftp', name, ...words].join(' '), '```'].join('\n'),
    ...(command.arguments.length === 0
      ? []
      : [
          table(
            ['argument', 'meaning'],
            command.arguments.map((spec) => [`\`${spec.name}\``, spec.summary]),
          ),
        ]),
    table(
      ['option', 'meaning', 'default'],
      Object.entries(command.options).map(([key, spec]) => optionRow(key, spec)),
    ),
    ['```sh', ...examples.flatMap(({ line, does }) => [`# ${does}`, line]), '```'].join('\n'),
    `Exit codes: ${[...new Set<ExitName>([...commonExits, ...exits])]
      .map((exit) => exitCodes[exit].number)
      .sort((one, other) => one - other)
      .join(', ')}; see [Exit codes](#exit-codes).`,
  ];
}

function optionRow(
  key: string,
  { short, placeholder, summary, fallback, variable }: OptionSpec<unknown>,
): string[] {
  const long = placeholder === undefined ? flagOf(key) : `${flagOf(key)} <${placeholder}>`;
  const defaults = [fallback, variable === undefined ? undefined : `\`${variable}\``].filter(
    (one) => one !== undefined,
  );
  return [`\`${short === undefined ? '' : `-${short}, `}${long}\``, summary, defaults.join(', else ')];
}

function fieldsText(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([name, type]) => `\`${name}${type.endsWith('?') ? '?' : ''}\``)
    .join(', ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
