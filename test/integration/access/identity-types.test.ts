/** The type of an identity: `authorize` and the event `login` get what `authenticate` returns. */
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  FileClient,
  FileServer,
  MemoryStorage,
  staticUsers,
  type AnyMethods,
  type ConnectionInfo,
  type FileServerOptions,
  type Identity,
  type Permission,
} from '../../../src/index.js';
import { connectionTo } from '../../support/servers/serve.js';

interface Member extends Identity {
  readonly team: string;
}

describe('the type of the identity', () => {
  it('is inferred from an authenticate that returns an object or a falsy value', async () => {
    const server = new FileServer({
      storage: new MemoryStorage(),
      authenticate: ({ user }) => user !== undefined && { name: user, team: `team of ${user}` },
      authorize: (identity, permission, path) => {
        expectTypeOf(identity).toEqualTypeOf<{ name: string; team: string } | undefined>();
        expectTypeOf(permission).toEqualTypeOf<Permission>();
        return path.startsWith(identity?.team ?? '-');
      },
    });
    const teams: string[] = [];
    server.on('login', (connection, identity) => {
      expectTypeOf(connection).toEqualTypeOf<ConnectionInfo>();
      expectTypeOf(identity).toEqualTypeOf<{ name: string; team: string }>();
      teams.push(identity.team);
    });
    const client = new FileClient({ connect: () => connectionTo(server), user: 'ann', password: 'x' });
    await client.writeFile('team of ann.txt', 'hers');
    await expect(client.writeFile('team of bob.txt', 'his')).rejects.toMatchObject({ code: 'EACCES' });
    expect(teams).toEqual(['team of ann']);
    await client.close();
    await server.close();
  });

  it('is inferred from an authenticate that is asynchronous', () => {
    const server = new FileServer({
      authenticate: async ({ token }): Promise<Member | undefined> =>
        token === undefined ? undefined : { name: 'ann', team: token },
      authorize: async (identity) => {
        expectTypeOf(identity).toEqualTypeOf<Member | undefined>();
        return true;
      },
      before: ({ identity }) => void expectTypeOf(identity).toEqualTypeOf<Member | undefined>(),
      beforeCommit: ({ identity }) => void expectTypeOf(identity).toEqualTypeOf<Member | undefined>(),
      after: ({ identity }) => void expectTypeOf(identity).toEqualTypeOf<Member | undefined>(),
    });
    expectTypeOf(server).toEqualTypeOf<FileServer<AnyMethods, Member>>();
  });

  it('can be named', () => {
    const options: FileServerOptions<Member> = {
      authenticate: () => ({ name: 'ann', team: 'red' }),
      authorize: (identity) => identity?.team === 'red',
    };
    expectTypeOf(new FileServer(options)).toEqualTypeOf<FileServer<AnyMethods, Member>>();
    // @ts-expect-error: an identity of this server has a team
    new FileServer<AnyMethods, Member>({ authenticate: () => ({ name: 'ann' }) });
  });

  it('is Identity without authenticate, and with staticUsers()', () => {
    expectTypeOf(new FileServer()).toEqualTypeOf<FileServer>();
    expectTypeOf(new FileServer({ authorize: () => true })).toEqualTypeOf<FileServer>();
    expectTypeOf(new FileServer({ authenticate: staticUsers({}) })).toEqualTypeOf<FileServer>();
  });

  it('does not matter to code that takes any server', () => {
    const portOf = (server: FileServer): number => server.stats().connections;
    const server = new FileServer({ authenticate: () => ({ name: 'ann', team: 'red' }) });
    expect(portOf(server)).toBe(0);
  });
});
