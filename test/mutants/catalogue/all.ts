import type { Mutant } from '../mutant.js';
import { agreementMutants } from './agreement.js';
import { backlogMutants } from './backlog.js';
import { commitMutants } from './commit.js';
import { epochEndMutants } from './epoch-end.js';
import { historyMutants } from './history.js';
import { pastMutants } from './past.js';
import { relayMutants } from './relay.js';
import { rejoinMutants } from './rejoin.js';
import { restartMutants } from './restart.js';
import { spreadMutants } from './spread.js';
import { steadyStateMutants } from './steady-state.js';
import { suspicionMutants } from './suspicion.js';

export const mutants: readonly Mutant[] = [
  ...steadyStateMutants,
  ...backlogMutants,
  ...suspicionMutants,
  ...agreementMutants,
  ...epochEndMutants,
  ...relayMutants,
  ...spreadMutants,
  ...historyMutants,
  ...commitMutants,
  ...pastMutants,
  ...rejoinMutants,
  ...restartMutants,
];
