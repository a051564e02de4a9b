import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));
const scripts = join(root, 'test/rdma/guest');
const bundles = join(root, 'node_modules/.cache/bowecho-test/rdma');

/** Where the guest is kept, outside of the checkout: it is the same for all of them. */
export const guestFolder =
  process.env['RDMA_GUEST_DIR'] ??
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'bowecho', 'rdma-guest');

/** The suites, and what their processes run, by what they are called in the guest. */
const scriptsInGuest = {
  'link.guest': 'rdma/link.guest',
  'path.guest': 'rdma/path.guest',
  'conformance.guest': 'rdma/conformance.guest',
  'processes.guest': 'rdma/processes.guest',
  'domain.guest': 'rdma/domain.guest',
  'spreading.guest': 'rdma/spreading.guest',
  'doctor.guest': 'rdma/doctor.guest',
  peer: 'rdma/peer',
  member: 'transport/processes/member',
  participant: 'dds/roles/member',
  bowecho: '../bin/bowecho',
};

/**
 * What runs in the guest is a part of the suites: the conformance of transports and hosts, without and with shared pages; processes that are killed and sleep; domains
 * of two and three participants; large messages among three and four; bowecho doctor. Its processors are emulated, so all together may take this long; beside other work on two
 * processors it took 5 minutes.
 */
export const secondsMax = 600;

/** Why nothing can run in a guest here; undefined where it can. */
export function whyNoGuest(): string | undefined {
  if (existsSync(join(guestFolder, 'version'))) return undefined;
  return `no guest with an RDMA device in ${guestFolder}: npm run test:rdma makes one (QEMU and a kernel, 90 MB, from Debian's packages; set RDMA_GUEST_DIR to keep it elsewhere)`;
}

/** Makes the guest where there is none, or an old one. Needs Debian's packages. */
export function makeGuest(): void {
  const { status } = spawnSync(join(scripts, 'build.sh'), [guestFolder], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${scripts}/build.sh failed: it needs Debian or Ubuntu on amd64`);
}

/** Runs the suites of this folder that end in `.guest.ts` in the guest, and gives what came of it. */
export async function runInGuest(
  tell: (output: Buffer) => void,
  grep?: string,
): Promise<{ code: number; output: string }> {
  await build({
    entryPoints: Object.entries(scriptsInGuest).map(([out, name]) => ({
      in: join(root, 'test', `${name}.ts`),
      out,
    })),
    outdir: bundles,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    // To find and read many files takes long in the guest. What is native cannot be bundled.
    external: ['koffi', 'esbuild', 'mocha'],
    banner: {
      js: `import { createRequire as toRequire } from 'node:module'; const require = toRequire(import.meta.url);`,
    },
  });
  const mocha = [
    '--no-config',
    '--exit',
    '--timeout',
    '60000',
    ...(grep === undefined ? [] : ['--grep', grep]),
  ];
  const command = [process.execPath, 'node_modules/mocha/bin/mocha.js', ...mocha, `${bundles}/*.guest.mjs`];
  const guest = spawn(join(scripts, 'run.sh'), [guestFolder, String(secondsMax), ...command], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output: Buffer[] = [];
  guest.stdout.on('data', (chunk: Buffer) => {
    output.push(chunk);
    tell(chunk);
  });
  const [code] = (await once(guest, 'close')) as [number | null];
  return { code: code ?? 125, output: Buffer.concat(output).toString() };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  makeGuest();
  const { code } = await runInGuest((output) => process.stdout.write(output), process.argv[2]);
  if (code === 124) console.error(`the guest took more than ${secondsMax} s`);
  process.exitCode = code;
}
