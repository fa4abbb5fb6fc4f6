/** Uploads of small local files: one round trip, with its requests, answers and stored state. */
import fs from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Connect, UploadFileOptions } from '../../../src/index.js';
import { BufferPool } from '../../../src/buffers/buffer-pool.js';
import { answering } from '../../support/servers/answering.js';
import { bytesOf } from '../../support/bytes.js';
import { checkedLine } from '../../support/doubles/sessions.js';
import { Cuts } from '../../support/servers/cuts.js';
import { fileHandlePrototype, MTIME, place } from '../../support/local-files/local-place.js';
import { everyCallIsShort } from '../../support/local-files/open-gate.js';
import { clientAt, scripted } from '../../support/servers/scripted.js';
import {
  ACCEPTED,
  bytes,
  CHECKSUM,
  clientOf,
  from,
  makeSource,
  refused,
  SIZE,
  STORED,
  stored,
  uploadTo,
} from '../../support/servers/small-uploads.js';
import { until } from '../../support/until.js';
import { SESSION_WELCOME } from '../../support/servers/unfriendly.js';

afterEach(() => vi.restoreAllMocks());

function dataHeader(length: number): string {
  return checkedLine(`data id=1 length=${length}`);
}

describe('a small file', () => {
  it('is sent before the server answers, with its end', async () => {
    const { outcome, opens, data, ends } = await uploadTo([]);
    expect(outcome).toMatchObject({ ...stored, value: { resumedFrom: 0 } });
    expect(opens).toHaveLength(1);
    expect(opens[0]).not.toContain('offset=');
    expect(data).toHaveLength(1);
    expect(ends[0]).toContain(`size=${SIZE} checksum=${CHECKSUM}`);
  });

  it.runIf(process.platform === 'linux')('is stored without a thread of the client', async () => {
    everyCallIsShort();
    const at = await place({});
    fs.writeFileSync(at.local('source'), bytes);
    fs.utimesSync(at.local('source'), MTIME, MTIME);
    const client = at.connect();
    await client.uploadFile(at.local('source'), 'first');
    const stat = vi.spyOn(await fileHandlePrototype(), 'stat');
    await client.uploadFile(at.local('source'), 'small');
    expect(stat).not.toHaveBeenCalled();
    expect(fs.readFileSync(at.remote('small')).equals(bytes)).toBe(true);
    expect((await client.stat('small')).mtime).toEqual(MTIME);
  });

  it('is hashed again when it is stored already, except the bytes sent on a lost connection', async () => {
    const give = vi.spyOn(BufferPool.prototype, 'release');
    await uploadTo([]);
    expect(give).toHaveBeenCalledTimes(1);
    const { port, connections } = await scripted(
      'open ',
      (connection, socket) => {
        if (connection === 1) return void socket.end();
        return void socket.write(`${STORED}${CHECKSUM}\n`.replace('ID', '1'));
      },
      SESSION_WELCOME,
    );
    await clientAt(port).uploadFile(await makeSource(), 'small');
    expect(connections()).toBe(2);
    expect(give).toHaveBeenCalledTimes(1);
  });

  it.each([0, 1, SIZE - 1, SIZE])('continues after a cut with byte %i', async (offset) => {
    const source = await makeSource();
    const heard: string[] = [];
    const { port, connections } = await scripted(
      'open ',
      (connection, socket) => {
        if (connection === 1) return void socket.end();
        socket.on('data', (chunk) => heard.push(chunk.toString('latin1')));
        socket.write(from(offset).replace('ID', '1'));
        void until(() => heard.join('').includes('end id=')).then(() =>
          socket.write(`${STORED}${CHECKSUM}\n`.replace('ID', '1')),
        );
      },
      SESSION_WELCOME,
    );
    const { resumedFrom } = await clientAt(port).uploadFile(source, 'small');
    // Of an earlier call there was nothing.
    expect(resumedFrom).toBe(0);
    expect(connections()).toBe(2);
    const sent = bytes.subarray(offset).toString('latin1');
    if (offset < SIZE) expect(heard.join('')).toContain(`${dataHeader(SIZE - offset)}\n${sent}`);
    else expect(heard.join('')).not.toContain('data id=');
    expect(heard.join('')).toContain(`end id=1 size=${SIZE} checksum=${CHECKSUM}`);
  });

  it('is stored after any number of cuts, without reading its bytes again', async () => {
    const at = await place({});
    const names = Array.from({ length: 40 }, (_, index) => `file-${index}`);
    for (const [index, name] of names.entries()) fs.writeFileSync(at.local(name), bytesOf(SIZE, index));
    const cuts = new Cuts(at.port);
    const connect = cuts.each(150_000, 'bytesWritten', 3);
    const client = clientAt(at.port, { port: undefined, connect, codec: 'binary' });
    await client.connect();
    for (let round = 0; round < 2; round++) {
      await Promise.all(names.map((name) => client.uploadFile(at.local(name), name)));
    }
    for (const [index, name] of names.entries()) {
      expect(fs.readFileSync(at.remote(name)).equals(bytesOf(SIZE, index)), name).toBe(true);
    }
    expect(cuts.sockets.length).toBeGreaterThan(2);
  });

  it('resolves as stored when the result was lost with the connection', async () => {
    const lost = await scripted('end id=', (_, socket) => void socket.end(), SESSION_WELCOME);
    const { port, opens, ends } = await answering({ opens: [`${STORED}${CHECKSUM}\n`] });
    const ways = [new Cuts(lost.port), new Cuts(port)];
    const connect: Connect = (...args) => (ways.shift() as Cuts).connect(...args);
    const client = clientAt(port, { port: undefined, connect });
    const { resumedFrom } = await client.uploadFile(await makeSource(), 'small');
    expect(resumedFrom).toBe(0);
    expect(opens[0]).toMatch(/ upload=[0-9a-f]{32}/);
    expect(opens[0]).toContain(' offset=0');
    expect(ends).toEqual([]);
  });

  it('fails at once without an id when the client does not reconnect', async () => {
    const { port, opens } = await answering({ opens: ['error id=ID code=EACCES\n'] });
    const client = clientOf(port, { reconnect: false });
    await expect(client.uploadFile(await makeSource(), 'small')).rejects.toMatchObject({ code: 'EACCES' });
    expect(opens[0]).not.toContain('upload=');
  });

  it.each([
    ['EBADMSG', 'has stored something else', { end: `${STORED}crc32:00000000\n` }],
    ['EBADMSG', 'has stored less', { end: `${STORED}${CHECKSUM}\n`.replace(`bytes=${SIZE}`, 'bytes=5') }],
    ['EPROTO', 'has stored it elsewhere', { end: `${STORED}${CHECKSUM}\n`.replace('small', 'other') }],
    ['EPROTO', 'accepts it elsewhere', { open: ACCEPTED.replace('small', 'other') }],
    ['EACCES', 'does not allow it', { open: 'error id=ID code=EACCES\n' }],
  ])('is %s if the server %s', async (code, _what, { open = '', end }: { open?: string; end?: string }) => {
    const { outcome } = await uploadTo([open], { ...(end && { end }) });
    expect(outcome).toMatchObject(refused(code));
  });
});

describe('a small file with a condition', () => {
  const conditions: [string, UploadFileOptions][] = [
    ['overwrite: false', { overwrite: false }],
    ['ifMatch', { ifMatch: 'v0' }],
  ];

  it.each(conditions)('resumes the upload of an earlier call: %s', async (_what, options) => {
    const { outcome, opens, ends } = await uploadTo([from(4_000)], options);
    expect(outcome).toMatchObject({ ...stored, value: { resumedFrom: 4_000 } });
    expect(opens[0]).toContain(' offset=0');
    expect(ends[0]).toContain(`size=${SIZE} checksum=${CHECKSUM}`);
  });

  it.each(conditions)('is not sent when it is stored already: %s', async (_what, options) => {
    const { outcome, data, ends } = await uploadTo([`${STORED}${CHECKSUM}\n`], options);
    expect(outcome).toMatchObject({ ...stored, value: { resumedFrom: SIZE } });
    expect([data, ends]).toEqual([[], []]);
  });

  it('is stored once, however often it is uploaded', async () => {
    const at = await place({});
    fs.writeFileSync(at.local('source'), bytes);
    const options = { overwrite: false };
    const first = await at.connect().uploadFile(at.local('source'), 'small', options);
    const second = await at.connect().uploadFile(at.local('source'), 'small', options);
    expect(second).toEqual({ ...first, resumedFrom: SIZE });
    fs.appendFileSync(at.local('source'), 'more');
    const third = at.connect().uploadFile(at.local('source'), 'small', options);
    await expect(third).rejects.toMatchObject({ code: 'EEXIST', path: 'small' });
  });

  it('has the same id as by threads', async () => {
    const source = await makeSource();
    fs.symlinkSync(source, `${source}-link`);
    const opens: string[] = [];
    for (const way of [source, `${source}-link`]) {
      const heard = await answering({ opens: ['error id=ID code=EACCES\n'] });
      const upload = clientOf(heard.port).uploadFile(way, 'small', { overwrite: false });
      await expect(upload).rejects.toMatchObject({ code: 'EACCES' });
      opens.push(...heard.opens);
    }
    const ids = opens.map((open) => /upload=([0-9a-f]{32})/.exec(open)?.[1]);
    expect(ids[0]).toBeDefined();
    expect(ids[1]).toBe(ids[0]);
  });

  it('is sent again after a cut, from the offset that the server names', async () => {
    const heard: string[] = [];
    const { port, connections } = await scripted(
      'open ',
      (connection, socket) => {
        const offset = connection === 1 ? 0 : 4_000;
        let text = '';
        socket.on('data', (chunk) => {
          text += chunk.toString('latin1');
          if (!text.includes('end id=')) return;
          heard.push(text);
          if (connection === 1) socket.end();
          else socket.write(`${STORED}${CHECKSUM}\n`.replace('ID', '1'));
        });
        socket.write(from(offset).replace('ID', '1'));
      },
      SESSION_WELCOME,
    );
    const options = { overwrite: false };
    const { resumedFrom } = await clientAt(port).uploadFile(await makeSource(), 'small', options);
    expect([resumedFrom, connections()]).toEqual([0, 2]);
    expect(heard[0]).toContain(`${dataHeader(SIZE)}\n`);
    expect(heard[1]).toContain(`${dataHeader(SIZE - 4_000)}\n`);
  });

  it('is EPROTO if the server ends it before it is complete, after a cut, too', async () => {
    const { port } = await scripted(
      'open ',
      (connection, socket) => {
        if (connection === 2) {
          return void socket.write(`${from(0)}${STORED}${CHECKSUM}\n`.replaceAll('ID', '1'));
        }
        socket.on('data', (chunk) => {
          if (chunk.toString('latin1').includes('end id=')) socket.end();
        });
        return void socket.write(from(0).replace('ID', '1'));
      },
      SESSION_WELCOME,
    );
    const upload = clientAt(port).uploadFile(await makeSource(), 'small', { overwrite: false });
    await expect(upload).rejects.toMatchObject({ code: 'EPROTO' });
  });

  it.each([
    ['has more than there is', from(SIZE + 1)],
    ['ends it before it is complete', from(0) + `${STORED}${CHECKSUM}\n`],
  ])('is EPROTO if the server %s', async (_what, answer) => {
    const { outcome } = await uploadTo([answer], { overwrite: false, end: '' });
    expect(outcome).toMatchObject(refused('EPROTO'));
  });
});
