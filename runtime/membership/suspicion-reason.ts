/**
 * Why a member is suspected; its place here is what the accuser's row says (0: not suspected).
 * `died`: its process is known to have ended. `silent`: its heart stood still. `blocked`: its event loop did, for much longer. `corrupt`: its
 * memory says what no correct member could have written.
 */
export const suspicionReasons = ['none', 'died', 'silent', 'blocked', 'corrupt'] as const;
export type SuspicionReason = Exclude<(typeof suspicionReasons)[number], 'none'>;
