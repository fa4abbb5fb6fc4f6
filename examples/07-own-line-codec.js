// A codec of one's own by two functions: every header is a line like the query of a URL.
// Look at `format` and `parse`: a frame as a line, and a line as a record. The contract of codecs checks the rest.
// @ts-check
import { FileClient, FileServer, MemoryStorage, TransferError } from 'socket-ftp';
import { defineLineCodec, fieldsOf } from 'socket-ftp/protocol';
import { codecContract } from 'socket-ftp/contracts';

const queryCodec = defineLineCodec({
  name: 'query',
  format(frame) {
    const query = new URLSearchParams({ type: frame.type });
    for (const [name, value] of fieldsOf(frame)) query.set(name, String(value));
    return query.toString();
  },
  parse(line) {
    const query = new URLSearchParams(line);
    const record = new Map(query);
    if (record.size !== query.size) throw new TransferError('EPROTO', 'A header has a field twice.');
    return record;
  },
});

const claims = codecContract(queryCodec);
for (const { run } of claims) await run();
console.log(`It keeps all ${claims.length} claims of the contract.`);

const frame = queryCodec.encode({ type: 'open', id: 1, op: 'download', path: 'reports/May & June.txt' });
console.log(`A request looks like this: ${Buffer.from(frame).toString().trim()}`);

const server = await new FileServer({ storage: new MemoryStorage(), codec: queryCodec }).listen(0);
const { port } = server;
const client = new FileClient({ port, codec: queryCodec });
await client.writeFile('May & June.txt', 'Rain, then sun.');
console.log(`What came back: ${await client.readFile('May & June.txt', 'utf8')}`);

await client.close();
await server.close();
