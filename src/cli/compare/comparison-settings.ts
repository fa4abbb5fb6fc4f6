/** The options of the library for a comparison. */
import { readFile } from 'node:fs/promises';
import type { ComparisonOptions } from '../../index.js';
import type { OptionValues } from '../runner/command.js';
import { usageError } from '../runner/usage-error.js';
import type { comparisonOptions } from './comparison-options.js';

/** Lines of files come before those of `--ignore`, which can make exceptions of them. */
export async function comparisonSettings(
  options: OptionValues<typeof comparisonOptions>,
): Promise<ComparisonOptions> {
  const { checksum, ignore = [], ignoreFile = [], links, encodeNames, modifyWindow } = options;
  const files = await Promise.all(ignoreFile.map(ignoreLines));
  return { checksum, ignore: [...files, ...ignore], links, encodeNames, modifyWindowMs: modifyWindow };
}

async function ignoreLines(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw usageError(
      `The file of --ignore-file cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
}
