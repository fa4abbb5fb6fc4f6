import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../support/repository.js';

/** Words that stand for a program or a peer without naming it, and idioms that a reader has to translate. */
const AVOIDED = [
  /\b(who|whom|whoever|whomever|nobody|somebody|anybody|everybody)\b/i,
  /\b(anew|by the way|in vain|at hand)\b/i,
  /\b(go|goes|going|gone|went) on (with|where)\b/i,
  /\b(let|lets|letting) go( of)?\b/i,
  /\bfor so long\b/i,
  /\bword of\b.*\bcomes\b/i,
];

/** Texts that readers meet. */
const PLACES = ['src', 'docs', 'README.md', 'CONTRIBUTING.md', 'SECURITY.md', '.changeset'];

describe('the English of the project', () => {
  it('names its subjects', async () => {
    const found: string[] = [];
    for (const file of await textsIn(PLACES)) {
      const text = await readFile(path.join(repositoryRoot, file), 'utf8');
      found.push(...avoidedIn(text).map((place) => `${file}:${place}`));
    }
    expect(found).toEqual([]);
  });

  it.each([
    'Whoever asks first is served.',
    'It lets go of the file.',
    'The client goes on with the upload.',
    'It begins anew.',
  ])('refuses: %s', (sentence) => {
    expect(avoidedIn(sentence)).toEqual([`1: ${sentence}`]);
  });

  it.each(['A client that asks first is served.', 'It closes the file.', 'The whole file.'])(
    'accepts: %s',
    (sentence) => {
      expect(avoidedIn(sentence)).toEqual([]);
    },
  );
});

function avoidedIn(text: string): string[] {
  return text
    .split('\n')
    .map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => AVOIDED.some((words) => words.test(line)))
    .map(({ line, number }) => `${number}: ${line}`);
}

async function textsIn(places: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    places.map(async (place) => {
      if (/\.\w+$/.test(place) && !place.startsWith('.')) return [place];
      const names = await readdir(path.join(repositoryRoot, place), { recursive: true });
      return names
        .filter((name) => /\.(ts|md)$/.test(name) && !name.startsWith('api/'))
        .map((name) => `${place}/${name}`);
    }),
  );
  return found.flat();
}
