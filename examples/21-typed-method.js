// A method of the server, with one interface for both ends. Look at `Api`: the compiler checks names, inputs and outputs.
// The connection is cut as soon as an order runs; the client returns for the answer, and each order is placed once.
// @ts-check
import { connectedPair } from 'socket-ftp/testing';
/** @import { TransferError } from 'socket-ftp' */
/**
 * @typedef {{ item: string, count: number }} Order
 * @typedef {{ number: number, item: string }} Placed
 * @typedef {{ order(input: Order): Placed }} Api
 */

/** What every library of schemas makes, such as zod and valibot. @type {import('socket-ftp').StandardSchema<unknown, Order>} */
const orderSchema = {
  '~standard': {
    version: 1,
    vendor: 'example',
    validate(value) {
      const { item, count } = /** @type {Partial<Record<string, unknown>>} */ (value ?? {});
      if (typeof item !== 'string') return { issues: [{ message: 'Name an item.', path: ['item'] }] };
      if (!(Number(count) > 0)) return { issues: [{ message: 'Order one or more.', path: ['count'] }] };
      return { value: { item, count: Number(count) } };
    },
  },
};
/** @type {import('socket-ftp/testing').ConnectedPair<Api>} */
const pair = await connectedPair();
const { client, server } = pair;
let placed = 0;
server.method('order', { input: orderSchema, permission: 'write' }, ({ item }) => {
  pair.cut();
  return { number: (placed += 1), item };
});
console.log(await client.call('order', { item: 'tea', count: 2 }));
console.log(await client.remote.order({ item: 'cake', count: 1 }));
/** @param {TransferError} error */
const report = ({ code, details }) => console.log(code, details);
await client.remote.order({ item: 'jam', count: 0 }).catch(report);
console.log(`${placed} orders, ${client.stats().lostConnections} lost connections.`);
await pair.close();
