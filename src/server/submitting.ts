/** Handing requests to a strategy, which may be anybody's. */
import { TransferError } from '../errors.js';
import type { ServerStrategy } from './strategies/strategy.js';
import type { Ticket } from './ticket.js';

/** Hands a request to a strategy; one that fails, at once or later, costs the request and nothing else. */
export function submit(strategy: ServerStrategy, ticket: Ticket): void {
  const refuse = (thrown: unknown): void => {
    ticket.refuse(new TransferError('EIO', 'The server could not take the request.', { cause: thrown }));
  };
  try {
    // Nothing is to be returned, but an async function is a function, too.
    const returned: unknown = strategy.submit(ticket);
    if (returned instanceof Promise) returned.catch(refuse);
  } catch (thrown) {
    refuse(thrown);
  }
}
