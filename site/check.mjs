// @ts-check
/** `node site/check.mjs [folder]`: fails if a link of the built site leads nowhere. */
import { brokenLinks } from './broken-links.mjs';
import { readSite } from './read-site.mjs';

const [directory = 'docs/api'] = process.argv.slice(2);
const site = readSite(directory);
const broken = brokenLinks(site);
for (const link of broken) console.error(`Broken link on ${link}`);
console.log(`${site.size} files, ${broken.length} broken links`);
process.exitCode = broken.length === 0 ? 0 : 1;
