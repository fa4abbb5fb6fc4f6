/** A program in its own process that answers questions, so that its memory and processor time are its own. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { repositoryRoot } from '../../support/repository.js';

/** The answers of a program, by the name of the question. */
export type Answers = Record<string, (argument: never) => unknown>;

/** A question on its way. */
export interface Question {
  readonly number: number;
  readonly name: string;
  readonly argument: unknown;
}

/** The answer or the error. */
export interface Answer {
  readonly number: number;
  readonly value?: unknown;
  readonly error?: string;
}

type ArgumentOf<All extends Answers, Name extends keyof All> = Parameters<All[Name]>[0];
type ValueOf<All extends Answers, Name extends keyof All> = Awaited<ReturnType<All[Name]>>;

export class Program<All extends Answers> {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  #asked = 0;

  /** @param name - of the file in this folder that was bundled */
  constructor(name: string, job: unknown) {
    const program = path.join(repositoryRoot, `temp/abuse/${name}.js`);
    this.#child = fork(program, [JSON.stringify(job)], { execArgv: ['--expose-gc'] });
    this.#child.on('message', (answer) => this.#answered(answer as Answer));
    this.#child.on('exit', (code) => this.#gone(new Error(`The program ${name} has ended: ${code}.`)));
  }

  /** Sends a question; rejects with the error of the program. */
  ask<Name extends string & keyof All>(
    name: Name,
    argument: ArgumentOf<All, Name>,
  ): Promise<ValueOf<All, Name>> {
    const number = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      this.#child.send({ number, name, argument } satisfies Question);
    });
  }

  /** Ends it, and waits for that. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  #answered({ number, value, error }: Answer): void {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    if (error === undefined) waiting?.resolve(value as never);
    else waiting?.reject(new Error(error));
  }

  #gone(error: Error): void {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of all) reject(error);
  }
}
