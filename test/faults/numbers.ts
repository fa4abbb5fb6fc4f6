/** The measurements of a check, as one line in the table at the end of a run. */
import type { TestContext } from 'vitest';
import type { Reporter, TestCase, TestModule } from 'vitest/node';
import { isLong, seed } from './size.js';

declare module 'vitest' {
  interface TaskMeta {
    /** One line of numbers. */
    numbers?: string;
  }
}

/** Leaves the numbers of a check for the table. */
export function reportNumbers({ task }: TestContext, numbers: Record<string, number | string>): void {
  task.meta.numbers = Object.entries(numbers)
    .map(([name, value]) => `${typeof value === 'number' ? value.toLocaleString('en') : value} ${name}`)
    .join(', ');
}

/** A reporter that writes the results as JSON to the file that `TEST_REPORT` names, if it is set. */
export function reportFile(): ['json', { outputFile: string }][] {
  const { TEST_REPORT: outputFile } = process.env;
  return outputFile === undefined ? [] : [['json', { outputFile }]];
}

/** Prints a line when a check has ended, and all lines at the end. */
export class NumbersReporter implements Reporter {
  readonly #lines: string[] = [];
  readonly #title: string;

  /** @param title - the first line of the table */
  constructor(title = `Faults, ${isLong ? 'long' : 'short'}, seed ${seed}`) {
    this.#title = title;
  }

  onTestCaseResult(check: TestCase): void {
    const { state } = check.result();
    const word = state === 'passed' ? 'ok  ' : state === 'failed' ? 'FAIL' : 'none';
    const seconds = ((check.diagnostic()?.duration ?? 0) / 1000).toFixed(1).padStart(6);
    const line = `${word} ${seconds} s  ${check.fullName}: ${check.meta().numbers ?? 'no numbers'}`;
    this.#lines.push(line);
    console.log(line);
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const broken = modules.filter((module) => module.errors().length > 0);
    for (const { relativeModuleId } of broken) this.#lines.push(`FAIL           ${relativeModuleId}`);
    console.log([`\n${this.#title}`, ...this.#lines.sort(), ''].join('\n'));
  }
}
