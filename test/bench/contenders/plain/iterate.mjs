/** A download as an iterable. Each chunk is valid until the next one is asked for. */
// @ts-check

/** @import { Requests } from './requests.mjs' */

/** @type {(requests: Requests, name: string) => AsyncGenerator<Buffer>} */
export async function* iterate(requests, name) {
  /** @type {{ chunk: Buffer | undefined, next: () => void }[]} */
  const given = [];
  /** @type {() => void} */
  let wake = () => undefined;
  const give = (/** @type {Buffer | undefined} */ chunk) =>
    new Promise((resolve) => {
      given.push({ chunk, next: () => resolve(undefined) });
      wake();
    });
  const taken = requests.ask(async (input, size) => {
    await input.body(size, give);
    return { value: give(undefined) };
  }, `GET ${name}\n`);
  taken.catch(() => wake());
  for (;;) {
    const first = given.shift();
    if (!first) {
      await Promise.race([taken, new Promise((resolve) => (wake = () => resolve(undefined)))]);
      continue;
    }
    if (first.chunk) yield first.chunk;
    first.next();
    if (!first.chunk) return;
  }
}
