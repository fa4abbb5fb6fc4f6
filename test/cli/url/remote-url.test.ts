import { describe, expect, it } from 'vitest';
import {
  atPath,
  formatRemoteUrl,
  isRemoteUrl,
  isSameServer,
  parseRemoteUrl,
} from '../../../src/cli/url/remote-url.js';

describe('a URL', () => {
  it.each([
    ['socket-ftp://host', { host: 'host', port: undefined, path: '', user: undefined }],
    ['socket-ftp://host:2121/a/b', { host: 'host', port: 2121, path: 'a/b' }],
    ['SOCKET-FTPS://ann@host/a', { scheme: 'socket-ftps', user: 'ann', path: 'a' }],
    ['socket-ftp://a%40b@host/', { user: 'a@b' }],
    ['socket-ftp://[::1]:5/x', { host: '::1', port: 5, path: 'x' }],
    ['socket-ftp+unix:///run/x.sock:/a', { socketPath: '/run/x.sock', path: 'a' }],
    ['socket-ftp+unix://ann@/run/x.sock', { socketPath: '/run/x.sock', path: '', user: 'ann' }],
    ['socket-ftp:///a', { host: '', path: 'a' }],
    ['socket-ftp://host/a%20b#c%25', { path: 'a b#c%' }],
    ['socket-ftp://host/a%2Ab', { path: 'a*b', isPattern: false }],
    ['socket-ftp://host/*.jpg', { path: '*.jpg', isPattern: true }],
  ])('is read: %s', (text, parts) => {
    expect(parseRemoteUrl(text)).toMatchObject(parts);
  });

  it('means the same with a slash at the end', () => {
    expect(parseRemoteUrl('socket-ftp://h/photos/')).toEqual(parseRemoteUrl('socket-ftp://h/photos'));
  });

  it('keeps .. for the library to refuse', () => {
    expect(parseRemoteUrl('socket-ftp://h/a/../../etc').path).toBe('a/../../etc');
    expect(parseRemoteUrl('socket-ftp://h/%2e%2e/etc').path).toBe('../etc');
  });

  it.each([
    ['localhost:/a', /no URL.*socket-ftp:\/\/localhost\/a/],
    ['localhost:2121/a', /Write socket-ftp:\/\/localhost:2121\/a\./],
    ['localhost:2121', /Write socket-ftp:\/\/localhost:2121\/\./],
    ['localhost', /Write socket-ftp:/],
    ['ftp://host/a', /begins with ftp:/],
    ['socket-ftp://@host', /user in the URL is empty/],
    ['socket-ftp://host:0/', /port/],
    ['socket-ftp://host:99999/', /port/],
    ['socket-ftp://host:x/', /must be socket-ftp:/],
    ['socket-ftp://ho st/', /host/],
    ['socket-ftp://host?q=1', /host/],
    ['socket-ftp://host/100%', /%25/],
    ['socket-ftp://host/%ff', /UTF-8/],
    ['socket-ftp+unix://run/x.sock', /three slashes/],
  ])('is refused: %s', (text, message) => {
    expect(() => parseRemoteUrl(text)).toThrow(message);
  });

  it.each([
    'socket-ftp://ann:secret@host/',
    'socket-ftps://:secret@host',
    'socket-ftp+unix://ann:secret@/run/x',
    'socket-ftp://ann:sec/ret@host',
    'ann:secret@host',
    'ftp://ann:secret@host',
  ])('never shows the password of %s in the error', (text) => {
    let message = '';
    try {
      parseRemoteUrl(text);
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain('UsageError');
    expect(message).not.toMatch(/sec/);
  });

  it.each([
    'socket-ftp://ann@host:1/a%20b',
    'socket-ftp+unix:///run/x.sock:/a',
    'socket-ftp://[::1]/',
    'socket-ftp://h/*.a',
  ])('is written as it was read: %s', (text) => {
    expect(formatRemoteUrl(parseRemoteUrl(text))).toBe(text);
  });

  it('is written so that special characters are read as they were', () => {
    const url = atPath(parseRemoteUrl('socket-ftp://h'), 'a*b?[c]%\n é');
    expect(parseRemoteUrl(formatRemoteUrl(url))).toEqual(url);
  });

  it('is of the same server with another path, and not with another user', () => {
    const [one, two, three] = ['socket-ftp://h/a', 'socket-ftp://h/b', 'socket-ftp://ann@h/a'].map(
      parseRemoteUrl,
    );
    expect(isSameServer(one!, two!)).toBe(true);
    expect(isSameServer(one!, three!)).toBe(false);
  });
});

describe('a local path', () => {
  it.each(['a:b', 'C:\\x', 'host:/path', './socket-ftp:', '-', 'socket-ftp:/x'])(
    'is not taken for a URL: %s',
    (text) => {
      expect(isRemoteUrl(text)).toBe(false);
    },
  );
});
