/** What happens to a target that exists. */
import { ExitError } from '../../runner/exit-error.js';

/** The rules of `--existing`. */
export const existingRules = ['skip', 'replace', 'rename', 'fail', 'newer'] as const;

export type ExistingRule = (typeof existingRules)[number];

/** What is known of a source and of its target. */
export interface Versions {
  readonly name: string;
  readonly sourceMtimeMs: number | undefined;
  readonly targetMtimeMs: number | undefined;
}

/** What to do with one file. */
export type Decision = 'skip' | 'replace' | 'rename';

/** Decides about each file, perhaps by asking. */
export type DecideExisting = (versions: Versions) => Decision | Promise<Decision>;

/** The decision by a rule. Throws for the rule `fail`. */
export function decideByRule(rule: ExistingRule, { name, sourceMtimeMs, targetMtimeMs }: Versions): Decision {
  if (rule === 'fail') {
    const message = `${name} exists already, and differs. Choose with --existing: skip, replace, rename or newer.`;
    throw new ExitError('refused', message, { code: 'EEXIST' });
  }
  if (rule !== 'newer') return rule;
  return sourceMtimeMs !== undefined && targetMtimeMs !== undefined && sourceMtimeMs > targetMtimeMs
    ? 'replace'
    : 'skip';
}

/** Names tried for the rule `rename`. */
const MAX_NAMES = 1_000;

/** The first free one of `a (1).txt`, `a (2).txt`, ... */
export async function freeName(name: string, isTaken: (name: string) => Promise<boolean>): Promise<string> {
  const [, stem = name, extension = ''] = /^(.*[^/])(\.[^./]+)$/s.exec(name) ?? [];
  for (let number = 1; number <= MAX_NAMES; number += 1) {
    const candidate = `${stem} (${number})${extension}`;
    if (!(await isTaken(candidate))) return candidate;
  }
  throw new ExitError('refused', `${name} and ${MAX_NAMES} other names exist already.`, { code: 'EEXIST' });
}
