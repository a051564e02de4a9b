/** What a documentation comment says, without its marks; `undefined` for a plain comment. */
export function docText(comment: string): { text: string; trailing: boolean } | undefined {
  const mark = /^(?:\/\/\/(?!\/)|\/\/!|\/\*\*(?![*/])|\/\*!)(<?)/.exec(comment);
  if (mark === null) return undefined;
  const body = comment.slice(mark[0].length).replace(/\*\/$/, '');
  const lines = body.split(/\r?\n/);
  const text = lines.map((line, i) => (i === 0 ? line.trim() : line.replace(/^\s*\*? ?/, '').trimEnd()));
  return { text: text.join('\n').trim(), trailing: mark[1] === '<' };
}

/** Two documentation comments in a row as one. */
export function joinDocs(first: string | undefined, second: string): string {
  return first === undefined || first === '' ? second : `${first}\n${second}`;
}
