import { X509Certificate, createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { TransportError } from '../errors.js';
import type { Finding } from '../finding.js';

/** What a member shows, and whom it believes: PEM, as text or bytes. */
export interface TlsTexts {
  /** One authority, or several: while one takes the place of another, both. */
  readonly ca: string | Buffer;
  /** The member's certificate, and those between it and the authority behind it. */
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

const dayMs = 86_400_000;
/** A certificate that ends sooner is told of. */
const renewDays = 30;
/** Extended key usages of TLS: a member is server and client. */
const usages = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const;
const make = 'make one with the authority of this domain';

/** The subject of a certificate in one line, in its own order: `O=Tower, CN=feed-1`. */
export function subjectOf(certificate: X509Certificate): string {
  // A comma or the end of a line within a value is escaped.
  return certificate.subject.split('\n').join(', ');
}

/** The subject of the first certificate in `cert`, or undefined where there is none. */
export function subjectIn(cert: string | Buffer): string | undefined {
  const [certificate] = certificatesIn(cert);
  return certificate && subjectOf(certificate);
}

/** @throws TransportError BE_CERTIFICATE for the first thing that is wrong */
export function checkTls(texts: TlsTexts): void {
  const wrong = inspectTls(texts).find(({ status }) => status === 'fails');
  if (wrong === undefined) return;
  throw new TransportError('BE_CERTIFICATE', `${wrong.check}: ${wrong.found}: ${wrong.advice}`);
}

/** Looks at all that a member needs for TLS, as its peers will. */
export function inspectTls({ ca, cert, key }: TlsTexts, nowMs = Date.now()): Finding[] {
  const authorities = certificatesIn(ca);
  const chain = certificatesIn(cert);
  const [certificate] = chain;
  if (certificate === undefined)
    return [authorityFinding(authorities, nowMs), fails('certificate', 'is no certificate in PEM', make)];
  return [
    authorityFinding(authorities, nowMs),
    { check: 'certificate', status: 'ok', found: subjectOf(certificate) },
    keyFinding(certificate, key),
    chainFinding(chain, authorities),
    usageFinding(certificate),
    ...chain.map((each) => validityFinding(each, nowMs)),
  ];
}

const block = /^-----BEGIN CERTIFICATE-----\s*$[^-]*^-----END CERTIFICATE-----\s*$/gm;

/** None where any of them is spoilt: OpenSSL would stop there, and leave out the rest. */
function certificatesIn(pem: string | Buffer): X509Certificate[] {
  const text = String(pem);
  const blocks = text.match(block) ?? [];
  if (blocks.length !== text.split('BEGIN CERTIFICATE').length - 1) return [];
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return [];
  }
}

function authorityFinding(authorities: readonly X509Certificate[], nowMs: number): Finding {
  const check = 'authority';
  if (authorities.length === 0)
    return fails(check, 'is no certificate in PEM', "give the domain's authority as ca");
  const found = authorities.map(subjectOf).join('; ');
  const ended = authorities.filter((each) => Date.parse(each.validTo) < nowMs);
  if (ended.length < authorities.length) return { check, status: 'ok', found };
  return fails(
    check,
    `${found} ended on ${ended[0]!.validTo}`,
    'make a new authority, and give all members certificates of it',
  );
}

function keyFinding(certificate: X509Certificate, text: string | Buffer): Finding {
  let key: KeyObject;
  try {
    key = createPrivateKey(text);
  } catch {
    return fails(
      'key',
      'is no private key in PEM without a passphrase',
      'give the key that the certificate was made with',
    );
  }
  if (certificate.checkPrivateKey(key))
    return { check: 'key', status: 'ok', found: 'is the one of the certificate' };
  return fails('key', 'is not the one of the certificate', 'give the key that the certificate was made with');
}

/** From the member's certificate to an authority, by way of what else it shows. */
function chainFinding(shown: readonly X509Certificate[], authorities: readonly X509Certificate[]): Finding {
  let last = shown[0]!;
  for (let step = 0; step <= shown.length; step++) {
    const issued = (by: X509Certificate) => last.checkIssued(by) && last.verify(by.publicKey);
    const authority = authorities.find(issued);
    if (authority !== undefined)
      return { check: 'chain', status: 'ok', found: `leads to ${subjectOf(authority)}` };
    const between = shown.find((each) => each !== last && issued(each));
    if (between === undefined) break;
    last = between;
  }
  return fails(
    'chain',
    `${subjectOf(last)} is not signed by the authority, but by ${last.issuer.split('\n').join(', ')}`,
    'give a certificate that it has signed, with those between them behind it',
  );
}

function usageFinding({ keyUsage }: X509Certificate): Finding {
  const missing = Object.entries(usages).filter(
    ([, oid]) => keyUsage !== undefined && !keyUsage.includes(oid),
  );
  if (missing.length === 0)
    return { check: 'usage', status: 'ok', found: 'serves as server and client of TLS' };
  return fails(
    'usage',
    `may not be used as TLS ${missing.map(([name]) => name).join(' or ')}`,
    'a member is both: make one with the extended key usages serverAuth and clientAuth, or with none',
  );
}

function validityFinding(certificate: X509Certificate, nowMs: number): Finding {
  const check = 'validity';
  const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  const subject = subjectOf(certificate);
  if (from > nowMs)
    return fails(
      check,
      `${subject} is valid from ${certificate.validFrom} on`,
      "wait, or set this machine's clock",
    );
  if (to < nowMs) return fails(check, `${subject} expired on ${certificate.validTo}`, make);
  const days = Math.floor((to - nowMs) / dayMs);
  const found = `${subject} is valid until ${certificate.validTo}, for ${days} days`;
  if (days >= renewDays) return { check, status: 'ok', found };
  return { check, status: 'warning', found, advice: 'renew it: members read it again when the file changes' };
}

function fails(check: string, found: string, advice: string): Finding {
  return { check, status: 'fails', found, advice };
}
