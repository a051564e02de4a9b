import { FileError } from './errors.js';

/** As file systems have it. */
const nameBytesMax = 255;

/**
 * Refuses what is no name of a file in a folder: paths, hidden files (`.` and `..` among them), control characters, names that file systems do not take. Whoever
 * sends looks, and whoever receives looks again, since nothing that another process says may lead out of a folder.
 * @throws FileError BE_FILE_NAME
 */
export function checkFileName(name: string): void {
  const wrong = whatIsWrongWith(name);
  if (wrong === undefined) return;
  throw new FileError(
    'BE_FILE_NAME',
    name,
    `a file cannot be called ${JSON.stringify(name.slice(0, 300))} at who receives it: ${wrong}; send it with another { name }`,
  );
}

function whatIsWrongWith(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name.startsWith('.')) return 'it begins with a dot';
  if (/[/\\]/.test(name)) return 'it is a path';
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(name)) return 'it has control characters';
  if (Buffer.from(name).toString() !== name) return 'it is no Unicode text';
  if (Buffer.byteLength(name) > nameBytesMax) return `it has more than ${nameBytesMax} bytes`;
  return undefined;
}
