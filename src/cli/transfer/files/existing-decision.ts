/** Asks on a terminal what to do with a target that exists. */
import { createInterface } from 'node:readline/promises';
import type { CommandContext } from '../../runner/command-context.js';
import type { ProgressDisplay } from '../../progress/start-progress.js';
import {
  decideByRule,
  type DecideExisting,
  type Decision,
  type ExistingRule,
  type Versions,
} from './existing-rule.js';

const answers: Readonly<Record<string, Decision>> = { y: 'replace', n: 'skip', r: 'rename' };

/** By the rule; without one, asked for on a terminal, one question at a time; otherwise by the default. */
export function existingDecision(
  rule: ExistingRule | undefined,
  inScripts: ExistingRule,
  { context, display }: { context: CommandContext; display: ProgressDisplay },
): DecideExisting {
  const { stdin, output } = context;
  const isAsked = rule === undefined && stdin.isTTY && output.stderr.isTTY && !output.settings.isJson;
  if (!isAsked) return (versions) => decideByRule(rule ?? inScripts, versions);
  let forAll: Decision | undefined;
  let earlier: Promise<unknown> = Promise.resolve();
  const ask = async (versions: Versions): Promise<Decision> => {
    if (forAll !== undefined) return forAll;
    const { decision, isForAll } = await display.pause(() => question(versions, context));
    if (isForAll) forAll = decision;
    return decision;
  };
  return (versions) => {
    const asked = earlier.then(() => ask(versions));
    earlier = asked.catch(() => {});
    return asked;
  };
}

/** Decides by the rule `fail` if the input ends instead of an answer. */
async function question(
  versions: Versions,
  { stdin, output, signal }: CommandContext,
): Promise<{ decision: Decision; isForAll: boolean }> {
  const text = `${versions.name} exists, and differs. Replace it? [y]es, [n]o, [r]ename; Y, N, R for all: `;
  // With an editor for the line, Ctrl-C would be a character, and not interrupt the command.
  const lines = createInterface({ input: stdin, output: output.stderr, terminal: false });
  const ended = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)));
  try {
    for (;;) {
      const asked = stdin.readableEnded
        ? undefined
        : lines.question(output.render(output.stderr, [text]), { signal });
      const answer = (await Promise.race([asked, ended]))?.trim();
      if (answer === undefined) return { decision: decideByRule('fail', versions), isForAll: false };
      const decision = answers[answer.toLowerCase()];
      if (decision !== undefined) return { decision, isForAll: answer !== answer.toLowerCase() };
    }
  } finally {
    lines.close();
  }
}
