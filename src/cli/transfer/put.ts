import { defineCommand } from '../runner/command.js';
import { connectionExits } from '../runner/exit-codes.js';
import { choice } from '../runner/option-spec.js';
import { transferOptions } from './transfer-options.js';

export const putCommand = defineCommand({
  name: 'put',
  summary: 'Uploads files and directories',
  details: [
    'The path of the URL is that of the result: a directory becomes equal to the source, without deletes',
    'The root of a server, several sources and --files-from put each source into the directory of the URL, under its own name',
    'The same command again does only the rest',
  ],
  arguments: [
    { name: 'source', summary: 'What to upload; - is standard input', isRequired: true, isVariadic: true },
    { name: 'url', summary: 'Where to', isRequired: true, isLast: true },
  ],
  options: {
    links: choice(['skip', 'follow'], 'Decides about symbolic links in directories', { fallback: 'skip' }),
    ...transferOptions,
  },
  examples: [
    { line: 'socket-ftp put photos socket-ftp://localhost/photos', does: 'Uploads a directory' },
    {
      line: 'socket-ftp put a.txt b.txt socket-ftp://localhost/inbox',
      does: 'Uploads two files into a directory',
    },
    {
      line: 'tar cz . | socket-ftp put - socket-ftp://localhost/backup.tgz',
      does: 'Uploads what another program writes',
    },
  ],
  exitCodes: [...connectionExits, 'partial', 'changed', 'refused', 'nothing', 'limit', 'checksum'],
  isResumable: true,
});
