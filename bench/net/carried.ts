import { readFileSync } from 'node:fs';

/** What the link of the host on which this process runs has carried since it was made, headers included. */
export function carried(): { sent: number; got: number } {
  const counted = (what: string) =>
    Number(readFileSync(`/sys/class/net/e0/statistics/${what}_bytes`, 'utf8'));
  return { sent: counted('tx'), got: counted('rx') };
}
