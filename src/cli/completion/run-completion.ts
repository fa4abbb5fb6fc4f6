/** Writes the script of a shell, or answers it. */
import { Readable } from 'node:stream';
import { clientOptions } from '../connection/with-client.js';
import type { CommandContext, RunCommand } from '../runner/command-context.js';
import { usageError } from '../runner/usage-error.js';
import { atPath, formatRemoteUrl, parseRemoteUrl } from '../url/remote-url.js';
import { candidates, type Candidate } from './candidates.js';
import type { completionCommand } from './completion.js';
import { givenOptions } from './given-options.js';
import { NameCache } from './name-cache.js';
import { remoteNames } from './remote-names.js';
import { shellScripts } from './shell-scripts.js';

export const runCompletion: RunCommand<typeof completionCommand.options> = async ({ operands }, context) => {
  const [shell = '', ...words] = operands;
  const script = shellScripts[shell];
  if (script === undefined || !Object.hasOwn(shellScripts, shell)) {
    throw usageError(`'${shell}' is none of ${Object.keys(shellScripts).join(', ')}.`);
  }
  if (words.length === 0) context.output.stdout.write(script);
  else
    await answer(
      words.map((word) => word.slice(1)),
      context,
    );
  return 'ok';
};

async function answer(words: readonly string[], context: CommandContext): Promise<void> {
  const { output } = context;
  const found = candidates(context.commands, words);
  if (found.kind !== 'remote') return write(output, found.kind, found.words);
  try {
    const paths = await remotePaths(found.url, words, context);
    const isOpen = paths.length > 0 && paths.every(([value]) => value.endsWith('/'));
    write(output, isOpen ? 'open' : 'words', paths);
  } catch {
    // A server that cannot be asked, or an unfinished URL: there is nothing to offer.
    write(output, 'words', []);
  }
}

function write(output: CommandContext['output'], kind: string, found: readonly Candidate[]): void {
  // Neither has a control character: values are words of this program, or encoded.
  const lines = found.map(([value, meaning]) => (meaning === '' ? value : `${value}\t${meaning}`));
  output.stdout.write([kind, ...lines, ''].join('\n'));
}

/** The URLs of what is in the directory of an unfinished URL, and begins with its last name. */
async function remotePaths(
  text: string,
  words: readonly string[],
  context: CommandContext,
): Promise<Candidate[]> {
  const [, scheme = '', server = '', directory = '', begun = ''] =
    /^([a-z+-]+:\/\/)((?:\/[^:]*:)?[^/]*)(?:(\/(?:.*\/)?)([^/]*))?$/is.exec(text) ?? [];
  if (directory === '') return [];
  const url = parseRemoteUrl(`${scheme}${server}${directory}`);
  const options = givenOptions(words, context.env);
  // The command could ask for a password.
  if (url.isPattern || options.exec !== undefined) return [];
  const silent = { ...context, stdin: Object.assign(Readable.from([]), { isTTY: false }) };
  const names = await remoteNames(
    {
      key: formatRemoteUrl(atPath(url, url.path)),
      directory: url.path,
      open: () => clientOptions(url, options, silent),
    },
    new NameCache(context.env),
  );
  const start = decodeURIComponent(begun);
  return names
    .filter((name) => name.startsWith(start))
    .map((name) => [`${scheme}${server}${directory}${encoded(name)}`, '']);
}

/** All that a shell could take for more than a character is encoded, as a comma of PowerShell: names come from a peer. */
function encoded(name: string): string {
  return name.replaceAll(/[^\w/.=@+-]/gu, (character) =>
    [...Buffer.from(character)]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  );
}
