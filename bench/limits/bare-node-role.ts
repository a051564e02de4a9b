import { playRole } from '../harness/role.js';

/** Node with the libraries that a member needs, and nothing else: what an idle member is compared with. */
playRole(async (_, role) => {
  // In the program, not only in its types: they have to be in memory.
  await Promise.all([import('koffi'), import('rxjs'), import('protobufjs'), import('ws')]);
  await role.barrier('idle', process.pid);
  await role.barrier('watched');
  return null;
});
