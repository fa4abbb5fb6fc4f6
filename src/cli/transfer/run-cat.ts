/** Writes the bytes of remote files to standard output. */
import { forEachServer } from '../connection/with-client.js';
import type { RunCommand } from '../runner/command-context.js';
import { usageError } from '../runner/usage-error.js';
import { expandWildcards } from '../url/expand-wildcards.js';
import { parseRemoteUrl } from '../url/remote-url.js';
import type { catCommand } from './cat.js';
import { writeBody } from './write-body.js';

export const runCat: RunCommand<typeof catCommand.options> = async ({ operands, options }, context) => {
  const { output, signal } = context;
  if (output.settings.isJson) throw usageError('cat writes bytes to standard output, and has no --json.');
  const { offset, length } = options;
  await forEachServer({ urls: operands.map(parseRemoteUrl), options, context }, async (client, urls) => {
    for (const url of urls) {
      const paths = url.isPattern
        ? (await expandWildcards(client, url, signal)).map(({ path }) => path)
        : [url.path];
      for (const path of paths)
        await writeBody(client.download(path, { offset, length, signal }), output.stdout);
    }
  });
  return 'ok';
};
