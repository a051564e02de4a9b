/**
 * Rules for make (and ninja): all targets are made from all sources. Each source is a target without a recipe too, so that
 * make does not stop at one that is removed from the IDL and from the disk.
 */
export function dependencyRules(targets: readonly string[], sources: readonly string[]): string {
  const rule = `${targets.map(escaped).join(' ')}: ${sources.map(escaped).join(' ')}\n`;
  return rule + sources.map((source) => `\n${escaped(source)}:\n`).join('');
}

function escaped(path: string): string {
  return path.replaceAll('$', '$$$$').replaceAll(/[\\ #]/g, '\\$&');
}
