import { createServer } from 'node:net';
import { randomMemberId } from '../../transport/incarnation.js';
import { formatHostPort, isLoopback, isOwn, parseTcpAddress, resolve } from '../../transport/tcp/address.js';
import type { Contact, TcpAddress } from '../../transport/tcp/address.js';
import { Credentials } from '../../transport/tcp/credentials.js';
import type { TcpSecurity } from '../../transport/tcp/security-files.js';
import { Dialing, failureTexts } from '../../transport/tcp/dialing.js';
import type { DialFailure } from '../../transport/tcp/dialing.js';
import { bind } from '../../transport/tcp/gate.js';
import type { Finding } from './report.js';
import { failed, fails, ok, warning } from './report.js';

const patienceMs = 3_000;

/**
 * The places of a `tcp:` or `rdma:` address: what their names stand for, and whether one can listen there, or who does. `rest` follows the scheme.
 * Without `security`, nobody is asked who it is.
 */
export async function lookAtPlaces(rest: string, security: TcpSecurity | undefined): Promise<Finding[]> {
  let at: TcpAddress;
  try {
    at = parseTcpAddress(rest);
  } catch (error) {
    return [failed('address', error)];
  }
  const { contacts, unknown } = await resolve(at.entries);
  const names = at.entries.map((entry, index): Finding => {
    const places = contacts.filter((contact) => contact.entry === index).map(({ host }) => host);
    const check = formatHostPort(entry);
    if (places.length === 0)
      return fails(
        check,
        `${entry.host} is a name without an address`,
        'look at its spelling, at DNS and at /etc/hosts',
      );
    if (index === 0 && places.length > 1)
      return warning(
        check,
        `stands for ${places.join(', ')}`,
        'the first place founds the domain, and several found none: name one member first',
      );
    return ok(check, places[0] === entry.host ? 'is an address' : `stands for ${places.join(', ')}`);
  });
  let credentials: Credentials | undefined;
  const isLocal = unknown.length === 0 && contacts.every(({ host }) => isLoopback(host));
  try {
    credentials = security && new Credentials(security, isLocal);
  } catch (error) {
    return [...names, failed('protection', error)];
  }
  const protection =
    credentials && ok('protection', credentials.isPlain ? 'none: connections are plain' : 'TLS 1.3');
  const places = await Promise.all(contacts.map((contact) => placeFinding(contact, at.domain, credentials)));
  return [...names, ...(protection ? [protection] : []), ...places];
}

/** One place: free, or whoever listens there is asked who it is. */
async function placeFinding(
  contact: Contact,
  domain: string,
  credentials: Credentials | undefined,
): Promise<Finding> {
  const check = `place ${formatHostPort(contact)}`;
  const isMine = isOwn(contact.host);
  try {
    if (isMine && (await isFree(contact)))
      return ok(check, 'is this machine’s, and free: a member here can listen there');
  } catch (error) {
    return fails(
      check,
      `cannot be listened at: ${(error as Error).message}`,
      'choose another port, or give this user the right to it',
    );
  }
  if (credentials === undefined)
    return warning(check, 'was not asked who it is', 'mend what certificates say first');
  const answer = await dial(contact, domain, credentials);
  if (typeof answer === 'number') return ok(check, `member ${answer} of domain ${domain} answers`);
  if ('refused' in answer)
    return fails(
      check,
      `somebody answers, and not as a member of ours: ${answer.refused}`,
      'give all members the same address and security, or choose another port',
    );
  if (isMine)
    return fails(
      check,
      `another program of this machine has it: it ${failureTexts[answer.none]}`,
      'choose another port in the address, or end that program',
    );
  if (answer.none === 'nobody')
    return warning(check, failureTexts.nobody, 'its machine is there: start a member on it');
  return fails(check, failureTexts[answer.none], 'is its machine up, and does no firewall stand between?');
}

async function isFree(contact: Contact): Promise<boolean> {
  const server = createServer();
  const port = await bind(server, contact);
  if (port === undefined) return false;
  await new Promise((resolve) => server.close(resolve));
  return true;
}

/** The member that listens there and has proved to belong to the domain, or what came of it. */
async function dial(
  contact: Contact,
  domain: string,
  credentials: Credentials,
): Promise<number | DialFailure> {
  const options = {
    self: randomMemberId(),
    domain,
    credentials,
    purpose: 'greet',
    ...contact,
    patienceMs,
  } as const;
  return await new Promise((resolve) => {
    new Dialing(options, {
      known(peer, dialing) {
        resolve(peer);
        dialing.fail({ none: 'gone' });
      },
      frame: () => undefined,
      failed: resolve,
    });
  });
}
