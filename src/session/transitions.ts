/**
 * What either end may still say on a channel, as two tables: one for the client's half, one for the server's. Both
 * ends walk both tables, with what they send and with what they receive; a missing cell is a protocol error.
 * `docs/protocol.md` draws the same tables.
 */

/** What the client may still say: its body, then nothing but a change of mind. */
export const clientTransitions = {
  sending: { data: 'sending', end: 'ended', cancel: 'cancelled' },
  ended: { cancel: 'cancelled' },
  cancelled: {},
} as const satisfies Table<'sending' | 'ended' | 'cancelled', 'data' | 'end' | 'cancel'>;

/** What the server may still say: that it serves the request, its body, and one terminal frame. */
export const serverTransitions = {
  opened: { accept: 'serving', result: 'closed', error: 'closed' },
  serving: { data: 'serving', result: 'closed', error: 'closed' },
  closed: {},
} as const satisfies Table<'opened' | 'serving' | 'closed', 'accept' | 'data' | 'result' | 'error'>;

type Table<State extends string, Event extends string> = Record<State, Partial<Record<Event, State>>>;

/** A state of the client's half. */
export type ClientState = keyof typeof clientTransitions;
/** A state of the server's half. */
export type ServerState = keyof typeof serverTransitions;
/** A frame that moves the client's half. */
export type ClientEvent = 'data' | 'end' | 'cancel';
/** A frame that moves the server's half. */
export type ServerEvent = 'accept' | 'data' | 'result' | 'error';

/** The client's half after a frame; undefined where the frame is not allowed. */
export function nextClientState(state: ClientState, event: ClientEvent): ClientState | undefined {
  const row: Partial<Record<ClientEvent, ClientState>> = clientTransitions[state];
  return row[event];
}

/** The server's half after a frame; undefined where the frame is not allowed. */
export function nextServerState(state: ServerState, event: ServerEvent): ServerState | undefined {
  const row: Partial<Record<ServerEvent, ServerState>> = serverTransitions[state];
  return row[event];
}
