/**
 * What a block of code in a document may use without saying where it comes from, so that a block can be two lines
 * long. It is told in CONTRIBUTING.md; a name belongs here only if no reader will wonder about it.
 */
export const prelude: Readonly<Record<string, string>> = {
  fs: "import fs from 'node:fs';",
  net: "import net from 'node:net';",
  tls: "import tls from 'node:tls';",
  pipeline: "import { pipeline } from 'node:stream/promises';",
  FileServer: "import { FileServer } from 'socket-ftp';",
  FileClient: "import { FileClient } from 'socket-ftp';",
  server: "declare const server: import('socket-ftp').FileServer;",
  client: "declare const client: import('socket-ftp').FileClient;",
};
