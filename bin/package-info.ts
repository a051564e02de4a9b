import { createRequire } from 'node:module';

/** What the commands need of the package's own package.json. */
export interface PackageInfo {
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly peerDependencies: { readonly rxjs: string };
  readonly devDependencies: Readonly<Record<'tsx' | 'typescript' | '@types/node', string>>;
}

/** By the package's own name: its path differs between the sources and `dist`, and a copy in `dist` would shadow its exports. */
export const packageInfo = createRequire(import.meta.url)('bowecho/package.json') as PackageInfo;
