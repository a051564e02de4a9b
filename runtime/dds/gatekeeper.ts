import type { DoorReply } from '../../transport/index.js';
import type { Admit, MayJoin } from '../membership/view.js';
import { admit, asInfo } from './admission.js';
import { BowechoError } from './errors.js';
import { type Asked, Permissions } from './permissions.js';
import type { MemberInfo } from './wire.js';

/** Holds one member's own doings, strangers, and what views say of peers against the domain's permissions, where it has any. */
export class Gatekeeper {
  readonly #permissions: Permissions | undefined;
  readonly #subject: string | undefined;

  /**
   * @param subject of this member's certificate
   * @throws BowechoError BE_PERMISSIONS where there are permissions, and no certificate by which to know anyone
   */
  constructor(permissions: Permissions | undefined, subject: string | undefined) {
    this.#permissions = permissions;
    this.#subject = subject;
    if (permissions === undefined || subject !== undefined) return;
    throw new BowechoError(
      'BE_PERMISSIONS',
      'permissions are given to subjects of certificates, and this participant shows none: use a tcp: address with tcp.tls; with a shared secret nobody can tell who is who',
    );
  }

  /** @throws BowechoError BE_PERMISSIONS */
  static of(path: string | undefined, subject: string | undefined): Gatekeeper {
    return new Gatekeeper(path === undefined ? undefined : Permissions.read(path), subject);
  }

  /** Of the permissions, as members tell it each other. */
  get hash(): string | undefined {
    return this.#permissions?.hash;
  }

  /**
   * Before this member looks for the domain, which it may come to found.
   * @throws BowechoError BE_NOT_PERMITTED
   */
  checkSelf(): void {
    const problem = this.#permissions?.joinProblem(this.#subject);
    if (problem !== undefined) throw new BowechoError('BE_NOT_PERMITTED', problem);
  }

  /**
   * Before this member asks for an endpoint: the others would refuse it.
   * @throws BowechoError BE_NOT_PERMITTED
   */
  checkEndpoint(asked: Asked): void {
    const problem = this.#permissions?.endpointProblem(this.#subject, asked);
    if (problem !== undefined) throw new BowechoError('BE_NOT_PERMITTED', problem);
  }

  /** Why a stranger is not let in. */
  refusal({ name, permissions, subject }: MemberInfo): Extract<DoorReply, { refused: string }> | undefined {
    if (permissions !== this.hash)
      return {
        refused: `${name} goes by permissions of SHA-256 ${permissions ?? '(none)'}, and this domain by ${this.hash ?? '(none)'}: give all members the same file`,
      };
    const problem = this.#permissions?.joinProblem(subject);
    return problem === undefined ? undefined : { refused: problem, code: 'BE_NOT_PERMITTED' };
  }

  /** The same for every member that computes a view, whoever let the stranger in. */
  readonly mayJoin: MayJoin = (info) =>
    this.#permissions?.joinProblem(asInfo<MemberInfo>(info).subject) === undefined;

  /** The same for every member that computes a view, whatever the asking one thinks of it. */
  readonly admit: Admit = (topic, endpoint, terms, info) =>
    this.#permissions?.endpointProblem(asInfo<MemberInfo>(info).subject, endpoint) ??
    admit(topic, endpoint, terms);
}
