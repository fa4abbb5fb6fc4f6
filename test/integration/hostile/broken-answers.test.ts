/** A terminal frame that breaks a rule: the change that it answers may have been made. */
import { describe, expect, it } from 'vitest';
import { clientAt } from '../../support/servers/scripted.js';
import { telling } from '../../support/servers/telling.js';
import { WELCOME } from '../../support/servers/unfriendly.js';

const answers = {
  'a result without its path': 'result',
  'a result about another path': 'result path=c',
  'an error with an invalid code': 'error code=1',
  'an accept': 'accept',
};

const servers = {
  'with sessions': WELCOME.replace('\n', ` features=session session=${'a'.repeat(32)}\n`),
  'without sessions': WELCOME,
};

describe.each(Object.entries(servers))('a client of a server %s', (_name, welcome) => {
  async function answered(answer: string) {
    const { port } = await telling(({ line, id, socket }) => {
      if (line.startsWith('open')) socket.write(`${answer} id=${id}\n`);
    }, welcome);
    return clientAt(port);
  }

  it.each(Object.entries(answers))(
    'does not know whether a change was made after %s',
    async (_what, answer) => {
      const client = await answered(answer);
      await expect(client.rename('a', 'b')).rejects.toMatchObject({ code: 'EPROTO', outcomeUnknown: true });
      await expect(client.remove('a')).rejects.toMatchObject({ code: 'EPROTO', outcomeUnknown: true });
    },
  );

  it.each(Object.entries(answers))(
    'knows that a stat has changed nothing after %s',
    async (_what, answer) => {
      const client = await answered(answer);
      await expect(client.stat('a')).rejects.toMatchObject({ code: 'EPROTO', outcomeUnknown: false });
    },
  );
});
