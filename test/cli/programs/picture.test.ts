import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { files, steps } from '../../../site/terminal/scene.mjs';
import { asInGuide } from '../../support/cli/guide.js';
import { lastLines } from '../../support/cli/picture.js';
import { Served, writeFiles } from '../../support/cli/served.js';
import { repositoryRoot } from '../../support/repository.js';

/** The lines behind a command of the picture, up to the next one. */
function outputOf(command: string, lines: readonly string[]): string[] {
  const begin = lines.indexOf(`$ ${command}`) + 1;
  const length = lines.slice(begin).findIndex((line) => line.startsWith('$'));
  return asInGuide(lines.slice(begin, length < 0 ? undefined : begin + length).join('\n'));
}

it.skipIf(process.platform === 'win32')(
  'the picture of the README has what the program writes; `npm run docs:picture` draws it again',
  async () => {
    const svg = await readFile(path.join(repositoryRoot, 'docs/command-line.svg'), 'utf8');
    const { server, client } = lastLines(svg);
    const served = Object.entries(files.server).map(([name, content]) => [
      name.replace(/^files\//, ''),
      content,
    ]);
    await using place = await Served.start(Object.fromEntries(served) as typeof files.server);
    const announced = asInGuide(
      `${place.server.stderr}${place.server.stdout}`.replaceAll(place.root, '/home/ann/files'),
    );
    const shown = asInGuide(server.join('\n')).filter((line) => !/^(?:\$|\d{4}-)/.test(line));
    expect(shown.map((line) => line.replace(/ files$/, ' root'))).toEqual(announced);

    await writeFiles(place.cwd, files.client);
    const [, address = ''] = /\/\/([^/]+)/.exec(place.url()) ?? [];
    const whole = steps.filter(({ pane, press }) => pane === 'client' && press === undefined);
    for (const { line } of whole) {
      const [, ...args] = line.replaceAll('//127.0.0.1', `//${address}`).split(' ');
      const { text, stderr } = await place.run(args);
      expect([line, ...outputOf(line, client)]).toEqual([line, ...asInGuide(`${text}${stderr}`)]);
    }
  },
);
