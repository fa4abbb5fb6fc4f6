/** All abuse of a server. */
import { alive, type ServerCase } from '../abuse-case.js';
import { frame } from '../frames/loose-frame.js';
import { serverAmountCases } from './server-amounts.js';
import { serverBatchCases } from './server-batches.js';
import { serverCallCases } from './server-calls.js';
import { HELLO, serverFieldCases, STAT } from './server-fields.js';
import { serverFloodCases } from './server-floods.js';
import { serverMomentCases } from './server-moments.js';
import { serverPathCases } from './server-paths.js';
import { serverWatchCases } from './server-watches.js';
import { tricked } from '../frames/trick.js';
import { tricks } from '../frames/tricks.js';

const PING = frame('ping', { token: 1 });

const trickCases: readonly ServerCase[] = tricks.map((trick) => ({
  name: trick.name,
  codecs: [trick.codec],
  says: [HELLO, tricked(trick, STAT), PING, PING],
  fate: trick.error ? { error: trick.error } : alive({ 1: 'result' }),
}));

export const serverCases: readonly ServerCase[] = [
  ...serverFieldCases,
  ...serverMomentCases,
  ...serverAmountCases,
  ...serverPathCases,
  ...serverFloodCases,
  ...serverCallCases,
  ...serverBatchCases,
  ...serverWatchCases,
  ...trickCases,
];
