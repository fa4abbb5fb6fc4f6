/** The server of the measurement of calls, in a process of its own. */
// @ts-check
import { FileServer } from '../../../dist/index.js';

const [, , root = ''] = process.argv;
const server = await new FileServer({ root }).method('empty', () => undefined).listen(0);
const address = server.address();
process.send?.(typeof address === 'string' ? address : address?.port);
process.once('disconnect', () => void server.close());
