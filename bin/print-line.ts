/** Prints, no faster than it is read. False where nobody reads it any more. */
export function printLine(text: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    process.stdout.write(`${text}\n`, (error) => {
      if (error === null || error === undefined) resolve(true);
      else if ('code' in error && error.code === 'EPIPE') resolve(false);
      else reject(error);
    });
  });
}

// A reader that has gone, as head does, is no fault of ours: each write is told of it.
process.stdout.on('error', () => undefined);
