/**
 * The states of a channel, as two tables: the client's half and the server's half. Both ends apply both tables to what
 * they send and receive. A missing cell is a protocol error. `docs/protocol.md` shows the same tables.
 */

import { protocolError } from '../../errors.js';

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

/** Throws EPROTO if the client may not send this frame now. */
export function nextClientState(state: ClientState, event: ClientEvent): ClientState {
  return clientTransitions[state][event] ?? unexpected(event, 'client');
}

/** Throws EPROTO if the server may not send this frame now. */
export function nextServerState(state: ServerState, event: ServerEvent): ServerState {
  return serverTransitions[state][event] ?? unexpected(event, 'server');
}

function unexpected(type: string, sender: string): never {
  throw protocolError(`The ${sender} sent a frame of type ${type} in a state that does not allow it.`);
}
