/** The options of an unfinished command line, as far as a connection needs them. */
import { connectionOptions } from '../connection/connection-options.js';
import type { ConnectionValues } from '../connection/with-client.js';
import { flagOf } from '../runner/option-spec.js';

/** Throws a UsageError for a value that cannot be parsed. */
export function givenOptions(words: readonly string[], env: NodeJS.ProcessEnv): ConnectionValues {
  const values: Partial<Record<keyof ConnectionValues, unknown>> = {};
  for (const name of Object.keys(connectionOptions) as (keyof typeof connectionOptions)[]) {
    const option = connectionOptions[name];
    const text = textOf(words, { long: flagOf(name), short: option.short && `-${option.short}` });
    const given = text ?? (option.variable === undefined ? undefined : env[option.variable]);
    if (option.kind === 'flag') values[name] = words.includes(flagOf(name)) || undefined;
    else values[name] = given === undefined || given === '' ? undefined : option.parse?.(given);
  }
  return values as ConnectionValues;
}

function textOf(
  words: readonly string[],
  { long, short }: { long: string; short: string | undefined },
): string | undefined {
  const joined = words.findLast((word) => word.startsWith(`${long}=`));
  if (joined !== undefined) return joined.slice(long.length + 1);
  const at = words.findLastIndex((word) => word === long || (short !== undefined && word === short));
  return at < 0 ? undefined : words[at + 1];
}
