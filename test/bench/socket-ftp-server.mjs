/** A server that serves the folder twice: with and without fsync at the commit of an upload. */
// @ts-check
import path from 'node:path';
import { DirectoryStorage, FileServer } from 'socket-ftp';

const root = path.join(process.argv[2] ?? '', 'files');
const fast = await new FileServer({ storage: new DirectoryStorage(root, { durability: 'none' }) }).listen(0);
const durable = await new FileServer({
  storage: new DirectoryStorage(root, { durability: 'commit' }),
}).listen(0);

process.send?.({ fast: fast.address(), durable: durable.address() });
process.once('disconnect', () => {
  void fast.close();
  void durable.close();
});
