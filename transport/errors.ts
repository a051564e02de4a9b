/** What went wrong below the protocol. `code` is stable; `message` says what happened, to whom, and what to do. */
export class TransportError extends Error {
  readonly code: TransportErrorCode;

  constructor(code: TransportErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TransportError';
    this.code = code;
  }
}

export type TransportErrorCode =
  | 'BE_NO_MEMORY' // the host (or the domain's cap) has no room for another region
  | 'BE_UNSUPPORTED' // this transport does not run on this machine
  | 'BE_NO_RDMA' // libibverbs or an RDMA device is missing
  | 'BE_NAME' // a domain name that cannot be used
  | 'BE_DIRECTORY' // the rendezvous directory is missing, foreign or not private
  | 'BE_SYSTEM' // a system call failed in a way that is not one of the above
  | 'BE_INSECURE' // nothing would protect the domain on the network
  | 'BE_CERTIFICATE' // a certificate, its key or its authority cannot be used
  | 'BE_CLOSED' // this host was closed
  | 'BE_JOIN_REFUSED' // a member of the domain refused us, and said why
  | 'BE_NOT_PERMITTED' // the permissions of the domain do not let us in
  | 'BE_JOIN_TIMEOUT'; // nobody let us in within the time given
