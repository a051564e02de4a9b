import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { packageInfo } from '../package-info.js';
import { CommandFailure } from '../failure.js';
import { projectFiles } from '../project-files.js';

/** `bowecho init`: a small project that works. */
export function addInit(program: Command): void {
  program
    .command('init')
    .description('make a small project: a topic in IDL, a publisher, a subscriber')
    .argument('[folder]', 'where; made where it is missing', '.')
    .action((folder: string) => {
      const files = projectFiles(packageName(resolve(folder)), {
        bowecho: `^${packageInfo.version}`,
        rxjs: packageInfo.peerDependencies.rxjs,
        tsx: packageInfo.devDependencies.tsx,
        typescript: packageInfo.devDependencies.typescript,
        node: packageInfo.engines.node,
        nodeTypes: packageInfo.devDependencies['@types/node'],
      });
      writeProject(folder, files);
      const enter = folder === '.' ? '' : `cd ${folder} && `;
      console.log(`Made a project in '${folder}'. Next: ${enter}npm install && npm start`);
    });
}

/** Writes all files or, where one is there already, none. */
function writeProject(folder: string, files: Readonly<Record<string, string>>): void {
  const existing = Object.keys(files).filter((name) => existsSync(join(folder, name)));
  if (existing.length > 0) {
    throw new CommandFailure(
      `${existing.join(', ')} ${existing.length === 1 ? 'is' : 'are'} already in '${folder}', and nothing is overwritten: name another folder.`,
    );
  }
  try {
    for (const [name, text] of Object.entries(files)) {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text, { flag: 'wx' });
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandFailure(`cannot write to '${folder}': ${reason}`);
  }
}

/** The folder's name, as far as npm allows it. */
function packageName(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return name === '' ? 'bowecho-project' : name;
}
