import { defineCommand } from '../runner/command.js';
import { connectionExits } from '../runner/exit-codes.js';
import { integer } from '../runner/option-spec.js';
import { transferOptions } from './transfer-options.js';

/** The library allows that many. */
const MAX_CONNECTIONS = 16;

export const getCommand = defineCommand({
  name: 'get',
  summary: 'Downloads files and directories',
  details: [
    'The target is the path of the result: a directory becomes equal to the source, without deletes',
    'A target of . or .., several sources, a pattern and --files-from put each source into the target, under its own name',
    'The same command again does only the rest',
  ],
  arguments: [
    { name: 'url', summary: 'What to download, also with * ? [a-z]', isRequired: true, isVariadic: true },
    {
      name: 'target',
      summary: 'Where to; - is standard output; the current directory by default',
      isRequired: false,
      isLast: true,
    },
  ],
  options: {
    connections: integer('number', 'Downloads a large file over several connections', {
      min: 1,
      max: MAX_CONNECTIONS,
      fallback: '1',
    }),
    ...transferOptions,
  },
  examples: [
    { line: 'socket-ftp get socket-ftp://localhost/photos', does: 'Downloads a directory as ./photos' },
    {
      line: 'socket-ftp get socket-ftps://ann@example.org/film.mp4 films/',
      does: 'Downloads a file into a directory',
    },
    {
      line: "socket-ftp get 'socket-ftp://localhost/*.log' logs",
      does: 'Downloads all logs into the directory logs',
    },
    {
      line: 'socket-ftp get socket-ftp://localhost/dump.gz - | gunzip',
      does: 'Writes a file to standard output',
    },
    {
      line: "socket-ftp get -e 'ssh host socket-ftp serve files --stdio' socket-ftp:///photos",
      does: 'Downloads through SSH, without a port',
    },
  ],
  exitCodes: [...connectionExits, 'partial', 'changed', 'refused', 'nothing', 'limit', 'checksum'],
  isResumable: true,
});
