/** What can stand at the cursor, by the table of commands. It reads no file and asks no server. */
import type { Command } from '../runner/command.js';
import { flagOf, type OptionSpec } from '../runner/option-spec.js';
import { isRemoteUrl } from '../url/remote-url.js';

/** A word, and what it means. */
export type Candidate = readonly [value: string, meaning: string];

/** What to offer. `remote`: the paths of a server; `files`: those of this machine, and the words. */
export type Candidates =
  | { readonly kind: 'words' | 'files' | 'open'; readonly words: readonly Candidate[] }
  | { readonly kind: 'remote'; readonly url: string; readonly command: Command };

const SCHEMES: readonly Candidate[] = [
  ['socket-ftp://', 'a server'],
  ['socket-ftps://', 'a server with TLS'],
  ['socket-ftp+unix:///', 'a Unix socket'],
];

/** Placeholders of options whose values are paths of this machine. */
const LOCAL_VALUES = new Set(['file', 'directory', 'path']);

/** @param words - those behind the name of the program; the last one is completed, and may be empty */
export function candidates(commands: readonly Command[], words: readonly string[]): Candidates {
  const current = words.at(-1) ?? '';
  if (words.length < 2) return matching('words', [...commands.map(wordOf), HELP], current);
  const command = commands.find(({ name }) => name === words[0]);
  if (command === undefined) {
    return matching('words', words[0] === 'help' && words.length === 2 ? commands.map(wordOf) : [], current);
  }
  const [, name = '', value] = /^(--[^=]+)=(.*)$/s.exec(current) ?? [];
  if (value !== undefined) return valueOf(optionNamed(command, name), value, `${name}=`);
  const before = optionNamed(command, words.at(-2) ?? '');
  if (words.length > 2 && before !== undefined && before.kind !== 'flag') return valueOf(before, current);
  if (current.startsWith('-')) return matching('words', flagsOf(command), current);
  return operand(command, current);
}

const HELP: Candidate = ['help', 'Shows the help of a command'];

function wordOf({ name, summary }: Command): Candidate {
  return [name, summary];
}

function operand(command: Command, current: string): Candidates {
  if (isRemoteUrl(current)) return { kind: 'remote', url: current, command };
  if (command.name === 'completion') return matching('words', SHELLS, current);
  const takesUrl = command.arguments.some(({ name }) => ['url', 'source', 'target'].includes(name));
  const schemes = takesUrl ? SCHEMES.filter(([scheme]) => scheme.startsWith(current)) : [];
  // A command without local paths has nothing else to offer.
  const isLocal = command.arguments.some(({ name }) => name !== 'url' && name !== 'value');
  if (!isLocal) return { kind: 'open', words: schemes };
  return { kind: 'files', words: current === '' ? [] : schemes };
}

const SHELLS: readonly Candidate[] = ['bash', 'zsh', 'fish', 'powershell'].map((shell) => [shell, '']);

function flagsOf({ options }: Command): Candidate[] {
  return Object.entries(options).map(([name, { summary }]) => [flagOf(name), summary]);
}

function optionNamed({ options }: Command, given: string): OptionSpec<unknown> | undefined {
  const found = Object.entries(options).find(
    ([name, { short }]) => flagOf(name) === given || (short !== undefined && `-${short}` === given),
  );
  return found?.[1];
}

function valueOf(option: OptionSpec<unknown> | undefined, current: string, prefix = ''): Candidates {
  if (option?.choices) {
    const words = option.choices.map((value): Candidate => [`${prefix}${value}`, '']);
    return matching('words', words, `${prefix}${current}`);
  }
  return { kind: LOCAL_VALUES.has(option?.placeholder ?? '') ? 'files' : 'words', words: [] };
}

function matching(kind: 'words', words: readonly Candidate[], current: string): Candidates {
  return { kind, words: words.filter(([value]) => value.startsWith(current)) };
}
