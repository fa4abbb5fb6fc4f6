/** What a process leaves that is killed while it writes a small download. */
import { realpathSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isPartialDownload } from '../../../../src/index.js';
import {
  isTemporaryName,
  partNamesOf,
  temporaryNameIn,
} from '../../../../src/client/local/partial-download/part-names.js';
import { sweepParts } from '../../../../src/client/local/partial-download/sweep-parts.js';
import { temporaryDirectory } from '../../../support/servers/serve.js';

const HOUR_MS = 3_600_000;

afterEach(() => {
  vi.restoreAllMocks();
});

async function directoryWith(content: string): Promise<{ directory: string; temporary: string }> {
  const directory = realpathSync(await temporaryDirectory());
  const temporary = temporaryNameIn(directory);
  await fs.writeFile(path.join(directory, temporary), content);
  return { directory, temporary };
}

describe('the file of a small download without its name', () => {
  it('is a partial download, and no part of a target', () => {
    const temporary = temporaryNameIn('/tmp');
    expect([isPartialDownload(temporary), isTemporaryName(temporary)]).toEqual([true, true]);
    expect(isTemporaryName(partNamesOf('/tmp', 'film.mp4', 0).part)).toBe(false);
    expect(temporaryNameIn('/tmp')).not.toBe(temporary);
  });

  it('stays for an hour, as its process may still write it', async () => {
    const { directory, temporary } = await directoryWith('some');
    await sweepParts(directory);
    expect(await fs.readdir(directory)).toEqual([temporary]);
  });

  it.each(['', 'some'])('is removed after an hour with the content "%s"', async (content) => {
    const { directory } = await directoryWith(content);
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 2 * HOUR_MS);
    await sweepParts(directory);
    expect(await fs.readdir(directory)).toEqual([]);
  });

  it('is removed after an hour if it is linked to its target as well, which stays', async () => {
    const { directory, temporary } = await directoryWith('some');
    await fs.link(path.join(directory, temporary), path.join(directory, 'target'));
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 2 * HOUR_MS);
    await sweepParts(directory);
    expect(await fs.readdir(directory)).toEqual(['target']);
  });

  it('stays in another directory, where it is a file like others', async () => {
    const { temporary } = await directoryWith('some');
    const other = realpathSync(await temporaryDirectory());
    await fs.writeFile(path.join(other, temporary), 'some');
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 2 * HOUR_MS);
    await sweepParts(other);
    expect(await fs.readdir(other)).toEqual([temporary]);
  });
});
