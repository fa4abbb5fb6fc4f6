import { expect, it } from 'vitest';
import { RequestSessions } from '../../../src/client/repeats/request-sessions.js';

const [first, second] = ['a'.repeat(32), 'b'.repeat(32)];

it('a session keeps its numbers if another connection has got another one meanwhile', () => {
  const sessions = new RequestSessions();
  sessions.welcome(first)?.take();
  // Two connections ask for the first session, and one of them reaches a server that does not know it.
  const asked = sessions.current;
  expect(sessions.requested).toMatchObject({ session: first });
  expect(sessions.welcome(second, asked)?.take()).toBe(1);
  const continued = sessions.welcome(first, asked);
  expect(continued).toBe(asked);
  expect(continued?.take()).toBe(2);
  expect(sessions.requested).toMatchObject({ session: first });
});

it('a session that the client has not asked for begins with the number 1', () => {
  const sessions = new RequestSessions();
  sessions.welcome(first)?.take();
  expect(sessions.welcome(second, sessions.current)?.take()).toBe(1);
  expect(sessions.welcome(undefined, sessions.current)).toBeUndefined();
});
