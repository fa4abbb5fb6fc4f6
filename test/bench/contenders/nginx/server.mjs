/** nginx with its defaults, a process for each core, and PUT. */
// @ts-check
import { mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import path from 'node:path';
import { freePort, startServer } from '../program.mjs';
import { serving } from '../serving.mjs';
import { told } from '../told.mjs';

const { root, scratch } = /** @type {import('../told.mjs').ServerArgs} */ (told);
const port = await freePort();
const folder = path.join(scratch, `nginx-${port}`);
await mkdir(folder);
const { username, uid } = userInfo();
const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
  (kind) => `${kind}_temp_path ${folder}/${kind};`,
);

await writeFile(
  path.join(folder, 'nginx.conf'),
  `
${uid === 0 ? `user ${username};` : ''}
daemon off;
worker_processes auto;
pid ${folder}/pid;
error_log stderr crit;
events { worker_connections 4096; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000;
  keepalive_timeout 600;
  client_max_body_size 0;
  ${temporary.join('\n  ')}
  server {
    listen 127.0.0.1:${port};
    root ${root};
    dav_methods PUT;
    autoindex on;
    autoindex_format json;
  }
}
`,
);

// Messages before it has read its settings are logged there, too.
const args = ['-p', folder, '-e', 'stderr', '-c', path.join(folder, 'nginx.conf')];
serving(port, await startServer('nginx', args, port));
