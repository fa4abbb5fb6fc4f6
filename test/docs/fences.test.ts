import { beforeAll, describe, expect, it } from 'vitest';
import { readDocuments } from './documents.js';
import { fencesOf, type Fence } from './markdown.js';
import { typeErrors } from './type-check.js';

// One document that is right and one that is wrong, so that the check is seen to tell them apart.
const right = `
\`\`\`ts
import fs from 'node:fs';
const source = fs.createReadStream('a.txt');
\`\`\`
~~~js
source.pipe(fs.createWriteStream('b.txt'));
~~~
\`\`\`ts
import fs from 'node:fs';
const source = fs.createReadStream('c.txt');
\`\`\`
\`\`\`sh
const wrong: number = 'text';
\`\`\`
`;
const wrong = `
\`\`\`ts
const port: number = 2121;
const text: string = port;
\`\`\`
- in a list
  \`\`\`js
  import fs from 'node:fs';
  fs.createReadStream(2121);
  \`\`\`
\`\`\`ts
assert(port > 0);
await pipeline(
\`\`\`
\`\`\`ts
const text = fs.readFileSync('a.txt', 'utf8');
\`\`\`
`;

describe('the code of the documents', () => {
  let errors: string[];

  beforeAll(async () => {
    const documents = [
      ...(await readDocuments()),
      ['right.md', right] as const,
      ['wrong.md', wrong] as const,
    ];
    const fences: Fence[] = documents.flatMap(([name, markdown]) => fencesOf(name, markdown));
    errors = typeErrors(fences);
    // Compiles the library and all documents.
  }, 120_000);

  it('compiles', () => {
    expect(errors.filter((error) => !error.startsWith('wrong.md'))).toEqual([]);
  });

  it('fails the check with a mistake', () => {
    expect(errors.filter((error) => error.startsWith('wrong.md'))).toEqual([
      "wrong.md:4: Type 'number' is not assignable to type 'string'.",
      "wrong.md:9: Argument of type 'number' is not assignable to parameter of type 'PathLike'.",
      'wrong.md:14: Argument expression expected.',
      "wrong.md:12: Cannot find name 'assert'.",
      "wrong.md:13: Cannot find name 'pipeline'.",
      "wrong.md:16: Cannot redeclare block-scoped variable 'text'.",
      "wrong.md:16: Cannot find name 'fs'.",
    ]);
  });
});
