import { usageError } from '../runner/usage-error.js';

const MAX_PORT = 65_535;

/** The first and the last port of `49152-49200`. */
export function parsePortRange(text: string): readonly [from: number, to: number] {
  const [, first = '', last = ''] = /^(\d{1,5})-(\d{1,5})$/.exec(text) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (from >= 1 && from <= to && to <= MAX_PORT) return [from, to];
  throw usageError(`'${text}' is no range of ports. Write for example 49152-49200.`);
}
