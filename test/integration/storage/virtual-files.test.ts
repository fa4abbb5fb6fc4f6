/** Downloads of files whose size is not that of their content, as in `/proc` and `/sys`. */
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DirectoryStorage } from '../../../src/index.js';
import { serve } from '../../support/servers/serve.js';

const SYS = '/sys/kernel/mm/transparent_hugepage';

describe('a download of a virtual file', () => {
  it.skipIf(!fs.existsSync('/proc/sys/kernel/ostype'))(
    'of the size 0 fails instead of being empty',
    async () => {
      const { connect } = await serve({ storage: new DirectoryStorage('/proc/sys/kernel') });
      const reading = connect().readFile('ostype');
      await expect(reading).rejects.toMatchObject({ code: 'ENOTSUP', path: 'ostype', retryable: false });
    },
  );

  it.skipIf(!fs.existsSync(`${SYS}/enabled`))('that is shorter than its size fails', async () => {
    const { connect } = await serve({ storage: new DirectoryStorage(SYS) });
    await expect(connect().readFile('enabled')).rejects.toMatchObject({ code: 'ESTALE', retryable: false });
  });
});
