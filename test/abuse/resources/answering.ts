/** The other side of `Program`: answers the process that started this one. */
import type { Answer, Answers, Question } from './program.js';

/** Answers questions until the process is ended. */
export function answer(answers: Answers): void {
  process.on('message', (question) => void reply(answers, question as Question));
  process.on('disconnect', () => process.exit());
}

async function reply(answers: Answers, { number, name, argument }: Question): Promise<void> {
  const answer: Answer = await Promise.resolve(argument as never)
    .then((given) => answers[name]?.(given))
    .then(
      (value) => ({ number, value }),
      (thrown: unknown) => ({ number, error: String(thrown) }),
    );
  process.send?.(answer);
}
