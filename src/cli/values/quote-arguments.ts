/** Command lines that can be copied into a POSIX shell. */

/** Arguments with quotes where a shell needs them. Control characters become `$'\x1b'`. */
export function quoteArguments(args: readonly string[]): string {
  return args.map(quoted).join(' ');
}

function quoted(argument: string): string {
  if (/^[\w@%+=:,./-]+$/.test(argument)) return argument;
  if (!/[\0-\x1f\x7f]/.test(argument)) return `'${argument.replaceAll("'", `'\\''`)}'`;
  const escaped = argument.replaceAll(/['\\\0-\x1f\x7f]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return `$'${escaped}'`;
}
