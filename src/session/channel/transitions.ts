/**
 * What either end may still say on a channel, as two tables: one for the client's half, one for the server's. Both
 * ends walk both tables, with what they send and with what they receive; a missing cell is a protocol error.
 * `docs/protocol.md` draws the same tables.
 */

/** A state of the client's half. */
export type ClientState = 'sending' | 'ended' | 'cancelled';
/** A frame that moves the client's half. */
export type ClientEvent = 'data' | 'end' | 'cancel';
/** A state of the server's half. */
export type ServerState = 'opened' | 'serving' | 'closed';
/** A frame that moves the server's half. */
export type ServerEvent = 'accept' | 'data' | 'result' | 'error';

type Table<State extends string, Event extends string> = Record<State, Partial<Record<Event, State>>>;

/** What the client may still say: its body, then nothing but a change of mind. */
export const clientTransitions: Readonly<Table<ClientState, ClientEvent>> = {
  sending: { data: 'sending', end: 'ended', cancel: 'cancelled' },
  ended: { cancel: 'cancelled' },
  cancelled: {},
};

/** What the server may still say: that it serves the request, its body, and one terminal frame. */
export const serverTransitions: Readonly<Table<ServerState, ServerEvent>> = {
  opened: { accept: 'serving', result: 'closed', error: 'closed' },
  serving: { data: 'serving', result: 'closed', error: 'closed' },
  closed: {},
};
