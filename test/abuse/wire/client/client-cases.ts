/** All abuse of a client. */
import type { ClientCase } from '../abuse-case.js';
import { DONE } from '../abuse-case.js';
import { clientFieldCases } from './client-fields.js';
import { BEGUN, found } from './client-frames.js';
import { clientBreachCases } from './client-breaches.js';
import { clientLieCases } from './client-lies.js';
import { clientListingCases } from './client-listings.js';
import { clientMomentCases } from './client-moments.js';
import { clientBatchCases } from './operations/client-batches.js';
import { clientMethodCases } from './operations/client-methods.js';
import { clientWatchCases } from './operations/client-watches.js';
import { frame } from '../frames/loose-frame.js';
import { tricked } from '../frames/trick.js';
import { tricks } from '../frames/tricks.js';

const PING = frame('ping', { token: 1 });

const trickCases = tricks.map((trick): ClientCase => ({
  name: trick.name,
  codecs: [trick.codec],
  wish: 'stat',
  says: [...BEGUN, tricked(trick, found()), PING, PING],
  fate: trick.error ? { error: trick.error } : DONE,
}));

export const clientCases: readonly ClientCase[] = [
  ...clientFieldCases,
  ...clientMomentCases,
  ...clientLieCases,
  ...clientBreachCases,
  ...clientListingCases,
  ...clientWatchCases,
  ...clientBatchCases,
  ...clientMethodCases,
  ...trickCases,
];
