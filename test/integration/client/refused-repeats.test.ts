/** A change whose connection was lost, and that the server refuses, for now, when it is repeated: it may have been made. */
import { describe, expect, it } from 'vitest';
import { clientAt, quick } from '../../support/servers/scripted.js';
import { settledOr, telling, type Told } from '../../support/servers/telling.js';

const SESSION = 'a'.repeat(32);
const welcome = `welcome version=1 maxFrame=65536 maxChannels=64 features=session session=${SESSION}\n`;

/** A server that loses the connection of the first `open`, and then answers as it is told. */
async function forgetful(answer: (told: Told, opens: number) => string) {
  const opens: string[] = [];
  const { port } = await telling((told) => {
    if (!told.line.startsWith('open')) return;
    opens.push(told.line);
    if (opens.length === 1) told.socket.destroy();
    else told.socket.write(answer(told, opens.length));
  }, welcome);
  return { port, opens };
}

function numberOf(line: string | undefined): string | undefined {
  return /requestId=(\d+)/.exec(line ?? '')?.[1];
}

describe('a change that the server refuses for now when it is repeated', () => {
  it.each(['EAGAIN', 'EBUSY', 'ETIMEDOUT', 'ESHUTDOWN'])(
    'is repeated under its number after %s, until the server has its answer',
    async (code) => {
      const { port, opens } = await forgetful(({ id }, count) =>
        count < 4 ? `error id=${id} code=${code}\n` : `result id=${id} path=b\n`,
      );
      await clientAt(port).rename('a', 'b');
      expect(opens.map(numberOf)).toEqual(['1', '1', '1', '1']);
    },
  );

  it.each(['EAGAIN', 'ESHUTDOWN'])('has an unknown outcome if %s stays the answer', async (code) => {
    const { port, opens } = await forgetful(({ id }) => `error id=${id} code=${code}\n`);
    const renaming = clientAt(port, { reconnect: { ...quick, maxAttempts: 3 } }).rename('a', 'b');
    renaming.catch(() => undefined);
    await settledOr(renaming, () => opens.length > 20);
    await expect(renaming).rejects.toMatchObject({ code, operation: 'rename', outcomeUnknown: true });
    expect(opens.length).toBeLessThanOrEqual(5);
  });

  it('is not repeated after an answer that is not retryable', async () => {
    const { port, opens } = await forgetful(({ id }) => `error id=${id} code=ENOENT\n`);
    await expect(clientAt(port).rename('a', 'b')).rejects.toMatchObject({
      code: 'ENOENT',
      outcomeUnknown: false,
    });
    expect(opens).toHaveLength(2);
  });
});

it('a change that was not lost is not repeated after EAGAIN', async () => {
  const opens: string[] = [];
  const { port } = await telling(({ line, id, socket }) => {
    if (!line.startsWith('open')) return;
    opens.push(line);
    socket.write(`error id=${id} code=EAGAIN\n`);
  }, welcome);
  await expect(clientAt(port).rename('a', 'b')).rejects.toMatchObject({
    code: 'EAGAIN',
    outcomeUnknown: false,
  });
  expect(opens).toHaveLength(1);
});

it('a change whose answer breaks a rule is settled: the server can forget it', async () => {
  const opens: string[] = [];
  const { port } = await telling(({ line, id, socket }) => {
    if (!line.startsWith('open')) return;
    opens.push(line);
    if (opens.length === 1) socket.write(`ack id=${id} offset=1 window=0\n`);
    socket.write(`result id=${id} path=b\n`);
  }, welcome);
  const client = clientAt(port);
  await expect(client.rename('a', 'b')).rejects.toMatchObject({ code: 'EPROTO', outcomeUnknown: true });
  await client.rename('a', 'b');
  await client.rename('a', 'b');
  expect(opens.map((line) => /settledBelow=(\d+)/.exec(line)?.[1])).toEqual(['1', '2', '3']);
});
