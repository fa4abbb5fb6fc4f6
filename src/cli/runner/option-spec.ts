/** Options of the command line as data, and the functions that make them. */
import { usageError } from './usage-error.js';

/** An option. `Value` is the type of what it gives. */
export interface OptionSpec<Value> {
  /** `flag` takes no value; `value` takes one; `list` may be given several times. */
  readonly kind: 'flag' | 'value' | 'list';
  readonly summary: string;
  /** One letter. */
  readonly short?: string | undefined;
  /** What stands for the value in the help, without brackets. */
  readonly placeholder?: string | undefined;
  /** The value without the option, for the reader of the help. */
  readonly fallback?: string | undefined;
  /** The variable of the environment that has the value if the option is not given. */
  readonly variable?: string | undefined;
  readonly choices?: readonly string[] | undefined;
  /** The value of a text; of a list, that of each text. Throws a UsageError. Flags have none. */
  readonly parse?: ((text: string) => Value extends readonly (infer Item)[] ? Item : Value) | undefined;
}

type Details = Pick<OptionSpec<unknown>, 'short' | 'fallback' | 'variable'>;

/** An option without a value. */
export function flag(summary: string, details: Details = {}): OptionSpec<boolean> {
  return { kind: 'flag', summary, ...details };
}

/** An option with a text. */
export function text(placeholder: string, summary: string, details: Details = {}): OptionSpec<string> {
  return { kind: 'value', placeholder, summary, parse: (given) => given, ...details };
}

/** An option with a value that a function parses. */
export function parsed<Value>(
  placeholder: string,
  summary: string,
  details: Details & { parse: (text: string) => Value },
): OptionSpec<Value> {
  return { kind: 'value', placeholder, summary, ...details } as OptionSpec<Value>;
}

/** An option that names one of several values. */
export function choice<const Choice extends string>(
  choices: readonly Choice[],
  summary: string,
  details: Details = {},
): OptionSpec<Choice> {
  const parse = (given: string): Choice => {
    const found = choices.find((known) => known === given);
    if (found !== undefined) return found;
    throw usageError(`'${given}' is none of ${choices.join(', ')}.`);
  };
  return parsed(choices.join('|'), summary, { ...details, parse, choices } as Details & {
    parse: typeof parse;
  });
}

/** An option that may be given several times. */
export function list(
  placeholder: string,
  summary: string,
  details: Details = {},
): OptionSpec<readonly string[]> {
  return { kind: 'list', placeholder, summary, parse: (given) => given, ...details };
}

/** An option with an integer of a range. */
export function integer(
  placeholder: string,
  summary: string,
  { min, max, ...details }: Details & { min: number; max: number },
): OptionSpec<number> {
  const parse = (given: string): number => {
    const number = /^\d{1,15}$/.test(given) ? Number(given) : NaN;
    if (number >= min && number <= max) return number;
    throw usageError(`'${given}' is no integer from ${min} to ${max}.`);
  };
  return parsed(placeholder, summary, { ...details, parse });
}

/** `--dry-run` for `dryRun`. */
export function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
