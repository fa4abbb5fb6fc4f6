/** Servers that break the rules of a watch or of a followed download. */
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { WatchEvent } from '../../../src/index.js';
import { clientAt, scripted } from '../../support/servers/scripted.js';

const WELCOME = 'welcome version=1 maxFrame=65536 maxChannels=64 features=watch,follow\n';
const READY = 'change event=ready\n';
const A = 'change event=created path=a kind=file size=1 mtime=0 etag=v1\n';

function data(body: string, checksum?: string): string {
  const sum = checksum === undefined ? '' : ` checksum=${checksum}`;
  return `data id=1 length=${body.length}${sum}\n${body}\n`;
}

/** Data, and the right checksum behind them. */
function checked(body: string): string {
  return data(body) + data('', `crc32:${crc32(body).toString(16).padStart(8, '0')}`);
}

/** Data of a body that has begun, and the right checksum behind them. */
function checkedAfter(before: string, body: string): string {
  return (
    data(body) +
    data(
      '',
      `crc32:${crc32(before + body)
        .toString(16)
        .padStart(8, '0')}`,
    )
  );
}

/** The events that a client gets of a server that says this after `accept`, and the code of the failure. */
async function watchOf(says: string): Promise<{ events: WatchEvent[]; code: unknown }> {
  const accept = 'accept id=1 kind=directory checksum=crc32\n';
  const { port } = await scripted('op=watch', (_number, socket) => socket.write(accept + says), WELCOME);
  const client = clientAt(port, { reconnect: false });
  const events: WatchEvent[] = [];
  try {
    for await (const event of client.watch('/')) events.push(event);
    return { events, code: undefined };
  } catch (error) {
    return { events, code: (error as { code: unknown }).code };
  }
}

describe('a client that watches', () => {
  it.each([
    ['a result', 'result id=1\n', 'EPROTO'],
    ['an event of a path outside', checked(`${READY}change event=removed path=../a\n`), 'EILSEQ'],
    [
      'an event below a directory that is not watched',
      checked(`${READY}change event=removed path=a/b\n`),
      'EPROTO',
    ],
    ['a frame that is no change', checked(`${READY}ping token=1\n`), 'EPROTO'],
    ['a change before the end of the snapshot', checked(A), 'EPROTO'],
    ['a checksum that differs', data(READY) + data('', 'crc32:00000000'), 'EBADMSG'],
    ['a checksum that is none', data(READY) + data('', 'none'), 'EPROTO'],
    ['half a mebibyte without a checksum', data(A.repeat(900)).repeat(12), 'EPROTO'],
    ['an error', 'error id=1 code=ENOENT\n', 'ENOENT'],
  ])('fails after %s, without an event', async (_what, says, code) => {
    expect(await watchOf(says)).toEqual({ events: [], code });
  });

  it('gives no event that no checksum has verified, and each that one has', async () => {
    const unverified = data(A.replaceAll('=a', '=b'));
    const { events, code } = await watchOf(`${checked(READY + A)}${unverified}error id=1 code=ENOENT\n`);
    expect(events).toMatchObject([{ kind: 'created', entry: { path: 'a' } }]);
    expect(code).toBe('ENOENT');
  });
});

describe('a client that watches with a filter', () => {
  it('looks at the content of one renamed directory at a time, however many renames arrive at once', async () => {
    const entry = (event: string, path: string, more: string): string =>
      `change event=${event} path=${path} mtime=0 ${more}\n`;
    const files = Array.from({ length: 50 }, (_, index) =>
      entry('present', `a/${index}`, 'kind=file size=1'),
    );
    const snapshot = [entry('present', 'a', 'kind=directory'), ...files, READY].join('');
    const renames = [
      entry('renamed', 'b', 'from=a kind=directory'),
      entry('renamed', 'a', 'from=b kind=directory'),
    ]
      .join('')
      .repeat(200);
    const accept = 'accept id=1 kind=directory checksum=crc32\n';
    const says = accept + checked(snapshot) + checkedAfter(snapshot, renames);
    const { port } = await scripted('op=watch', (_number, socket) => socket.write(says), WELCOME);
    let looks = 0;
    const filter = ({ path }: { path: string }): boolean => {
      looks += 1;
      return path.startsWith('a');
    };
    const watch = clientAt(port, { reconnect: false }).watch('/', { recursive: true, filter });
    const { value } = await watch.next();
    expect(value).toMatchObject({ kind: 'removed', entry: { path: 'a' } });
    expect(looks).toBeLessThanOrEqual(2 * 51);
    let events = 1;
    while (events < 51 * 400) events += (await watch.next()).done ? Infinity : 1;
    expect([events, looks]).toEqual([51 * 400, 51 * 2 * 400]);
    await watch.return?.();
  });
});

describe('a client that follows a file', () => {
  const accept = 'accept id=1 path=log kind=file offset=0 size=3 mtime=0 etag=v1 checksum=crc32\n';

  it.each([
    ['a result', `${accept}${checked('one')}result id=1 bytes=3 checksum=crc32:00000000\n`, 'EPROTO'],
    ['a checksum that differs', `${accept}${data('one')}${data('', 'crc32:00000000')}`, 'EBADMSG'],
  ])('fails after %s', async (_what, says, code) => {
    const { port } = await scripted('op=download', (_number, socket) => socket.write(says), WELCOME);
    const stream = clientAt(port, { reconnect: false }).download('log', { follow: true }).resume();
    await expect(stream.completed).rejects.toMatchObject({ code });
  });

  it('fails with ENOTSUP, and sends nothing, if the server has no such feature', async () => {
    let heard = '';
    const welcome = WELCOME.replace(',follow', '');
    const { port } = await scripted(
      'hello',
      (_number, socket) => socket.on('data', (piece) => (heard += piece.toString())),
      welcome,
    );
    const stream = clientAt(port).download('log', { follow: true });
    await expect(stream.completed).rejects.toMatchObject({ code: 'ENOTSUP', operation: 'download' });
    expect(heard).not.toContain('open');
  });
});
