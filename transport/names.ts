import { TransportError } from './errors.js';

const DOMAIN_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;
const REGION_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** Domain names become names of files: no dots (they separate what follows), no slashes, not too long. */
export function checkDomainName(domain: string): void {
  if (DOMAIN_NAME.test(domain)) return;
  throw new TransportError(
    'BE_NAME',
    `${JSON.stringify(domain)} cannot name a domain: use 1 to 63 letters, digits, '_' and '-', the first a letter or a digit`,
  );
}

/** A mistake of the core, not of a user: hence no code. */
export function checkRegion(name: string, byteLength: number): void {
  if (!REGION_NAME.test(name)) throw new RangeError(`${JSON.stringify(name)} cannot name a region`);
  if (!Number.isSafeInteger(byteLength) || byteLength <= 0 || byteLength % 8 !== 0) {
    throw new RangeError(`region ${name} cannot have ${byteLength} bytes: use a positive multiple of 8`);
  }
}
