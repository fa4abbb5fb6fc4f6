/**
 * The states of a channel, as two tables: the client's half and the server's half. Both ends apply both tables to what
 * they send and receive. A missing cell is a protocol error. `docs/protocol.md` shows the same tables.
 */

export type ClientState = 'sending' | 'ended' | 'cancelled';
/** A frame of the client. */
export type ClientEvent = 'data' | 'end' | 'cancel';

export type ServerState = 'opened' | 'serving' | 'ended' | 'closed';
/** A frame of the server. */
export type ServerEvent = 'accept' | 'data' | 'end' | 'result' | 'error';

type Table<State extends string, Event extends string> = Record<State, Partial<Record<Event, State>>>;

/** The client sends its body and `end`, and may cancel. */
export const clientTransitions: Readonly<Table<ClientState, ClientEvent>> = {
  sending: { data: 'sending', end: 'ended', cancel: 'cancelled' },
  ended: { cancel: 'cancelled' },
  cancelled: {},
};

/** The server sends `accept`, its body, of a stream method also `end`, and one last frame. */
export const serverTransitions: Readonly<Table<ServerState, ServerEvent>> = {
  opened: { accept: 'serving', result: 'closed', error: 'closed' },
  serving: { data: 'serving', end: 'ended', result: 'closed', error: 'closed' },
  ended: { result: 'closed', error: 'closed' },
  closed: {},
};
