/** A connection whose headers were damaged is made again; one whose server breaks a rule is not. */
import { expect, it } from 'vitest';
import { checkedLine } from '../../support/doubles/sessions.js';
import { clientAt, quick, scripted } from '../../support/servers/scripted.js';

const WELCOME = checkedLine('welcome version=1 maxFrame=65536 maxChannels=64');
const RESULT = checkedLine('result id=1 path=x kind=file size=3 mtime=1');

/** A server that says something on its first connection, and answers on the next. */
async function serverThatFirst(...lines: string[]) {
  return scripted('open ', (connection, socket) => {
    const said = connection === 1 ? lines : [WELCOME, RESULT];
    socket.write(said.map((line) => `${line}\n`).join(''));
  });
}

it.each([
  ['sends a header that cannot be read', [WELCOME, RESULT.replace(' ', '  ')]],
  ['sends a header without a check', [WELCOME, 'result id=1 path=x kind=file size=3 mtime=1']],
  ['sends a header with a wrong check', [WELCOME, RESULT.replace('size=3', 'size=9')]],
  ['sends a welcome with a wrong check', [WELCOME.replace('maxChannels=64', 'maxChannels=96'), RESULT]],
  ['says that a header of the client was damaged', [WELCOME, checkedLine('error code=EBADMSG')]],
])('a request is repeated on another connection if the server %s', async (_what, lines) => {
  const { port, connections } = await serverThatFirst(...lines);
  const client = clientAt(port, { reconnect: { ...quick, waitOnFirstConnect: true } });
  await expect(client.stat('x')).resolves.toMatchObject({ size: 3 });
  expect(connections()).toBe(2);
});

it.each([
  [
    'sends a frame that breaks a rule, with a right check',
    [WELCOME, checkedLine('ack id=99 offset=0 window=0')],
  ],
  ['says that the client broke a rule', [WELCOME, checkedLine('error code=EPROTO')]],
  ['speaks another protocol', ['HTTP/1.1 400 Bad Request']],
])('a request is not repeated if the server %s', async (_what, lines) => {
  const { port, connections } = await serverThatFirst(...lines);
  const client = clientAt(port, { reconnect: quick });
  await expect(client.stat('x')).rejects.toMatchObject({ code: 'EPROTO', retryable: false });
  expect(connections()).toBe(1);
});
