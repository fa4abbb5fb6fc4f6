/** Checks of options. An invalid option is a mistake of the caller, so it throws a TypeError. */
import { isMode, MAX_MTIME_MS } from '../protocol/entry.js';
import { isFieldText } from '../protocol/fields.js';

/** Checks an option that is an integer from `min` to `max`. */
export function integerOption(
  name: string,
  value: number | undefined,
  rule: { min: number; max?: number; default: number },
): number {
  if (value === undefined) return rule.default;
  const max = rule.max ?? Number.MAX_SAFE_INTEGER;
  if (Number.isSafeInteger(value) && value >= rule.min && value <= max) return value;
  throw new TypeError(
    `The option ${name} must be an integer from ${rule.min} to ${max}, not ${inspect(value)}.`,
  );
}

/** The longest time of a Node timer, about 24 days. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** Checks an option that is a time in ms. */
export function timeOption(name: string, value: number | undefined, defaultMs: number): number {
  return integerOption(name, value, { min: 1, max: MAX_TIMER_MS, default: defaultMs });
}

/** Checks an option that is one of several strings. */
export function choiceOption<Choice extends string>(
  name: string,
  value: string | undefined,
  rule: { choices: readonly Choice[]; default: Choice },
): Choice {
  if (value === undefined) return rule.default;
  const choice = rule.choices.find((known) => known === value);
  if (choice !== undefined) return choice;
  throw new TypeError(`The option ${name} must be one of ${rule.choices.join(', ')}, not ${inspect(value)}.`);
}

/** Checks an option that is a boolean. */
export function flagOption(name: string, value: boolean | undefined): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value;
  throw new TypeError(`The option ${name} must be true or false, not ${inspect(value)}.`);
}

/** Checks an option that is sent as text, e.g. an etag. */
export function textOption(name: string, value: string | undefined): string | undefined {
  if (value === undefined || (typeof value === 'string' && isFieldText(value))) return value;
  throw new TypeError(
    `The option ${name} must be a string without control characters, not ${inspect(value)}.`,
  );
}

/** An option that is a Date, in milliseconds since 1970, negative before. */
export function dateOption(name: string, value: Date | undefined): number | undefined {
  if (value === undefined) return undefined;
  const milliseconds = value instanceof Date ? value.getTime() : NaN;
  if (Math.abs(milliseconds) <= MAX_MTIME_MS) return milliseconds;
  throw new TypeError(`The option ${name} must be a valid Date, not ${inspect(value)}.`);
}

/** An argument that is a point in time, and must be given. */
export function requiredDate(name: string, value: Date): number {
  const milliseconds = dateOption(name, value);
  if (milliseconds !== undefined) return milliseconds;
  throw new TypeError(`The argument ${name} must be a Date, not undefined.`);
}

/** Checks an option that is permission bits. */
export function modeOption(name: string, value: number | undefined): number | undefined {
  if (value === undefined || (typeof value === 'number' && isMode(value))) return value;
  throw new TypeError(`The option ${name} must be an integer from 0 to 0o777, not ${inspect(value)}.`);
}

/** An argument that is permission bits, and must be given. */
export function requiredMode(mode: number): number {
  const checked = modeOption('mode', mode);
  if (checked !== undefined) return checked;
  throw new TypeError('The argument mode must be an integer from 0 to 0o777, not undefined.');
}

/** Throws if an option is unknown, because it is most likely misspelt. */
export function rejectUnknownOptions(what: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object') {
    throw new TypeError(`The options of ${what} must be an object, not ${inspect(options)}.`);
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new TypeError(`${what} has no option ${name}. It has ${known.join(', ')}.`);
    }
  }
}

/** A value in a message. Strings are quoted, to tell '1' from 1. */
function inspect(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}
