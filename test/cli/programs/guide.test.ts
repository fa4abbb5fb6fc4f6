import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { asInGuide, transcriptSteps } from '../../support/cli/guide.js';
import { Served, writeFiles } from '../../support/cli/served.js';
import { repositoryRoot } from '../../support/repository.js';

const GUIDE = 'docs/guides/command-line.md';
const FILM = 'The same film, under another name. '.repeat(2_000);

it.skipIf(process.platform === 'win32')(
  'the transcripts of the guide are what the program writes',
  async () => {
    const steps = transcriptSteps(GUIDE, await readFile(path.join(repositoryRoot, GUIDE), 'utf8'));
    expect(steps.length).toBeGreaterThan(5);
    await using served = await Served.start({
      'www/index.html': 'old',
      'www/old.html': 'x',
      'www/film.bin': FILM,
    });
    await writeFiles(served.cwd, {
      'site/index.html': 'a new page',
      'site/docs/guide.html': 'guide',
      'site/docs/talk.bin': FILM,
    });
    const [, place = ''] = /\/\/([^/]+)/.exec(served.url()) ?? [];
    for (const { command, lines } of steps) {
      const [program, ...args] = command.replaceAll('//127.0.0.1', `//${place}`).split(' ');
      expect(program).toBe('socket-ftp');
      const { text, stderr } = await served.run(args);
      const written = asInGuide(`${text}${stderr}`);
      expect([command, ...written]).toEqual([command, ...asInGuide(lines.join('\n'))]);
    }
  },
);
