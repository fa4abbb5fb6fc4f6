import { describe, expect, it } from 'vitest';
import { serverGroups } from '../../../src/cli/connection/with-client.js';
import { parseRemoteUrl } from '../../../src/cli/url/remote-url.js';

describe('URLs of one server', () => {
  it('share a client if they follow each other', () => {
    const urls = [
      'socket-ftp://a/1',
      'socket-ftp://a/2',
      'socket-ftp://b/1',
      'socket-ftp://a/3',
      'socket-ftp://ann@a/4',
    ];
    const groups = serverGroups(urls.map(parseRemoteUrl)).map((group) => group.map(({ path }) => path));
    expect(groups).toEqual([['1', '2'], ['1'], ['3'], ['4']]);
  });
});
