// The demo's server, a process of its own: it serves the directory that it is given, until its parent is gone.
// @ts-check
import { FileServer } from 'socket-ftp';

const server = await new FileServer({ root: process.argv[2] }).listen(0);
const { port } = server;
process.send?.(port);
process.once('disconnect', () => void server.close());
