// Installs the dependencies when they are not there yet, so that each npm command of the README works alone on a fresh clone.
import { existsSync, readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const lock = (path) => (existsSync(root + path) ? readFileSync(root + path, 'utf8') : undefined);
const wanted = JSON.parse(lock('package-lock.json') ?? '{"packages":{}}').packages;
const present = JSON.parse(lock('node_modules/.package-lock.json') ?? '{"packages":{}}').packages;

const missing = Object.entries(wanted).some(
  ([name, entry]) => name !== '' && !entry.optional && present[name]?.version !== entry.version,
);
if (missing) {
  console.error('Installing the dependencies (once) …');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) {
    console.error(
      'npm ci failed: see its output above. Bowecho needs Node 20.19 or newer and the npm registry.',
    );
    process.exit(1);
  }
}
