import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { proseOf, readPage, root } from './markdown.js';

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(`${root}docs`)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** As GitHub makes the anchor of a heading. */
function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');
}

function anchorsOf(page: string): string[] {
  return [...proseOf(page).matchAll(/^#+ (.*)$/gm)].map((match) => anchorOf(match[1]!));
}

describe('the pages', () => {
  for (const page of pages) {
    it(`${page} links to files and headings that are there`, () => {
      const links = [...proseOf(readPage(page)).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!);
      for (const link of links.filter((target) => !/^[a-z]+:/.test(target))) {
        const [path, anchor] = link.split('#') as [string, string | undefined];
        const target = path === '' ? page : join(dirname(page), path);
        assert.ok(existsSync(root + target), `${link}: there is no ${target}`);
        if (anchor !== undefined)
          assert.ok(anchorsOf(readPage(target)).includes(anchor), `${link}: no such heading`);
      }
    });

    it(`${page} names files that are there`, () => {
      const layers = 'idl|codegen|qos|transport|runtime|bin|bench|examples|test|docs';
      const names = [...proseOf(readPage(page)).matchAll(/`([\w./-]+\.(?:ts|mjs|js|md|idl|json|svg))`/g)].map(
        (match) => match[1]!,
      );
      for (const name of names.filter((path) => new RegExp(`^(?:${layers})/`).test(path)))
        assert.ok(existsSync(root + name), `there is no ${name}`);
    });
  }
});
