// A server with UDP that is a process of its own, of the built package: `node server-process.mjs root port`. It tells its
// port, closes when its input ends, and then has nothing more to do.
import { writeSync } from 'node:fs';
import process from 'node:process';
import { FileServer } from '../../../dist/index.js';

const [root = '', port = '0'] = process.argv.slice(2);
const server = await new FileServer({ root, udp: true }).listen(Number(port));
writeSync(1, `${server.port}\n`);
process.stdin.on('end', () => void server.close()).resume();
