/** What a search is to find. `holds`: nothing, though it looked everywhere; else the name of the flag in the model that says what must never be. */
export type Expectation = 'holds' | Violation;
export type Violation =
  | 'twoTrims'
  | 'twoViews'
  | 'deliveryLost'
  | 'deliveredTooMuch'
  | 'neverReceived'
  | 'stuck'
  | 'endless'
  | 'outOfOrder'
  | 'overwritten'
  | 'undelivered'
  | 'unstable'
  | 'lost';

export interface ModelCase {
  /** The file, without `.pml`. */
  model: 'view-change' | 'epoch' | 'zombie' | 'restart';
  /** What is run, as words. */
  name: string;
  /** Switches and bounds of the model, as the head of its file has them. */
  defines: string;
  expects: Expectation;
  /** Part of `--quick`. */
  quick: boolean;
  /** Tries the later alternatives first: some mutants are found sooner. */
  reversed?: boolean;
}

const crash = 'CRASHES=1 REQUESTS=1';
const accusation = 'CRASHES=0 FALSE_SUSPICIONS=1 REQUESTS=1';
/** No epoch ends with the view, so whoever sees the commit installs at once. */
const alone = 'CRASHES=1 FALSE_SUSPICIONS=1 REQUESTS=2 GROUP=0 SINGLE_HOST';
/** Two in a subgroup of their own come to suspect each other at its end. */
const estranged = 'DELAYED CRASHES=0 FALSE_SUSPICIONS=2 REQUESTS=0 GROUP=3 WEDGED ACCUSERS=3';
/** The epoch of a raw topic ends; its message is of a sender that has failed. */
const relay = 'DELAYED RAW CRASHES=1 REQUESTS=0 WEDGED';
const split = 'DELAYED CRASHES=0 FALSE_SUSPICIONS=3 REQUESTS=0 GROUP=0';

export const cases: readonly ModelCase[] = [
  // ---- the view change ----
  ...viewChange(true, {
    'a crash, a request': crash,
    'a false suspicion, a request': accusation,
    'a crash and a false suspicion, two requests, no epoch that ends, one host': alone,
    'two crashes, replicas, one host': 'DELAYED CRASHES=2 REQUESTS=0 SINGLE_HOST',
    'a false suspicion, replicas': 'DELAYED CRASHES=0 FALSE_SUSPICIONS=1 REQUESTS=0',
    'a crash, a request, no epoch that ends, replicas': `DELAYED ${crash} GROUP=0`,
    'two false suspicions at the end of the epoch, replicas; the topic of two': estranged,
    'a crash at the end of the epoch, replicas; a raw topic': relay,
    'two crashes at the end of the epoch, replicas, one host; a raw topic, two holders':
      'DELAYED RAW CRASHES=2 REQUESTS=0 WEDGED HOLDERS=6 SINGLE_HOST',
  }),
  ...viewChange(false, {
    'two crashes, two requests, one host': 'CRASHES=2 REQUESTS=2 SINGLE_HOST',
    'four members: a crash': 'N=4 CRASHES=1 REQUESTS=0',
    'four members: a crash, a request; the topic of two': `N=4 ${crash} GROUP=6`,
    'four members: two crashes, no epoch that ends, replicas, one host':
      'N=4 DELAYED CRASHES=2 REQUESTS=0 GROUP=0 SINGLE_HOST',
    'a crash and a false suspicion, a request': 'CRASHES=1 FALSE_SUSPICIONS=1 REQUESTS=1',
    'a crash and a false suspicion; a raw topic': 'CRASHES=1 FALSE_SUSPICIONS=1 REQUESTS=1 RAW',
    'a crash and a false suspicion, a request, one host; the topic of two':
      'CRASHES=1 FALSE_SUSPICIONS=1 REQUESTS=1 GROUP=6 SINGLE_HOST',
    'two false suspicions, a request': 'CRASHES=0 FALSE_SUSPICIONS=2 REQUESTS=1',
    'three false suspicions, replicas': 'DELAYED CRASHES=0 FALSE_SUSPICIONS=3 REQUESTS=0',
    'a crash, a request, replicas; the topic of two': `DELAYED ${crash} GROUP=6`,
    'a crash, a request, replicas': `DELAYED ${crash}`,
    'a crash and a false suspicion at the end of the epoch, replicas; a raw topic, two holders': `${relay} HOLDERS=6 FALSE_SUSPICIONS=1`,
  }),
  mutant('view-change', 'nobody waits for the echo of the trim', `${estranged} NO_ECHO`, 'twoTrims'),
  mutant('view-change', 'no barrier', `${crash} NO_BARRIER`, 'stuck'),
  mutant('view-change', 'no barrier, acks of any leader', `${alone} NO_BARRIER ACKS_UNBOUND`, 'twoViews'),
  mutant(
    'view-change',
    'no barrier for the trim, flags compared',
    `${crash} NO_TRIM_BARRIER FLAG_ONLY`,
    'twoTrims',
  ),
  mutant('view-change', "a trim from anyone's row", `${crash} TRIM_FROM_ANY`, 'stuck'),
  mutant(
    'view-change',
    "a trim from anyone's row, flags compared",
    `${crash} TRIM_FROM_ANY FLAG_ONLY`,
    'twoTrims',
  ),
  mutant('view-change', 'a new trim leader does not adopt', `${crash} TRIM_ALWAYS_COMPUTED`, 'stuck'),
  mutant('view-change', 'the trim leader is fixed', `${crash} TRIM_LEADER_FIXED`, 'stuck'),
  mutant('view-change', '`trimReady` before the trim', `${crash} READY_BEFORE_TRIM`, 'deliveryLost'),
  mutant(
    'view-change',
    'an epoch ends for its subgroup alone',
    `${estranged} END_UNSHARED END_UNAWAITED`,
    'twoTrims',
  ),
  mutant('view-change', 'the end is not awaited', `${estranged} END_UNAWAITED`, 'twoTrims'),
  mutant('view-change', 'the end with suspicions not shared', `${estranged} END_UNSHARED`, 'twoTrims'),
  mutant('view-change', 'received after the wedge', `${accusation} RECEIVE_AFTER_WEDGE`, 'deliveredTooMuch'),
  mutant('view-change', 'raw: the least as trim', `${accusation} RAW RAW_TRIM_LEAST`, 'deliveredTooMuch'),
  mutant('view-change', 'raw: no relay', `${relay} NO_RELAY`, 'neverReceived'),
  mutant('view-change', 'raw: the trim before the relay', `${relay} TRIM_BEFORE_RELAY`, 'neverReceived'),
  mutant('view-change', 'raw: the trim once its leader has it', `${relay} TRIM_ONCE_MINE`, 'stuck'),
  mutant('view-change', 'raw: what is relayed counts', `${relay} HELD_IS_RECEIVED`, 'neverReceived'),
  mutant('view-change', 'raw: the relay of the lowest', `${relay} RELAY_BY_LOWEST`, 'neverReceived'),
  mutant('view-change', 'no live self-check', `${accusation} NO_SELF_CHECK`, 'neverReceived'),
  mutant('view-change', 'the longest proposal is adopted', `${alone} LONGEST_PROPOSAL`, 'twoViews'),
  mutant('view-change', 'a decided end of view is added to', `${alone} EXTENDS_DECIDED`, 'twoViews'),
  mutant(
    'view-change',
    'the barrier waits for those who have installed',
    `${alone} BARRIER_AWAITS_INSTALLED`,
    'stuck',
  ),
  mutant('view-change', 'half is a majority', `${split} MAJORITY_ROUNDED_DOWN`, 'twoViews'),
  mutant('view-change', 'death is not proven', `${split} SINGLE_HOST NO_PROVEN_DEATH`, 'twoViews'),
  {
    ...mutant(
      'view-change',
      'leavers left out of the majority',
      'N=4 DELAYED CRASHES=0 FALSE_SUSPICIONS=4 REQUESTS=0 GROUP=0 LEAVERS_LEFT_OUT',
      'twoViews',
    ),
    reversed: true,
  },

  // ---- an epoch ----
  ...epoch(true, {
    'a message from each of two, three receive': 'MESSAGES=1',
    'two messages from each of two': 'N=2',
    'a message from each of two, replicas': 'N=2 MESSAGES=1 DELAYED',
    'runs of nulls that reach ahead': 'N=2 RING=1 TURNS=20 AHEAD=2',
    'nulls answer nulls': 'N=2 NULLS_ANSWER_NULLS',
  }),
  ...epoch(false, {
    'two messages from each of two, three receive': '',
    'two messages from each of two, replicas': 'N=2 DELAYED',
    'a message from each of two, three receive, replicas': 'MESSAGES=1 DELAYED',
    'a message from each of three, a ring of one': 'S=3 MESSAGES=1 RING=1',
  }),
  mutant('epoch', 'room is free at receipt', 'N=2 RING=1 FREE_AT_RECEIPT', 'outOfOrder'),
  mutant('epoch', 'room is free before delivery', 'N=2 RING=1 FREE_BEFORE_DELIVERY', 'overwritten'),
  mutant('epoch', 'delivered before stable', 'MESSAGES=1 DELIVER_BEFORE_STABLE', 'unstable'),
  mutant('epoch', 'nobody answers the turn of the round', 'MESSAGES=1 ROUND_EXCLUDED', 'undelivered'),
  mutant(
    'epoch',
    'nulls answer nulls, and reach ahead',
    'N=2 RING=1 TURNS=20 AHEAD=2 NULLS_ANSWER_NULLS',
    'endless',
  ),

  // ---- a suspected member that lives on ----
  ...zombie(true, { 'five messages': '', 'five messages; a raw topic': 'RAW' }),
  ...zombie(false, {
    'eight messages, a ring of three': 'MESSAGES=8 RING=3',
    'eight messages, a ring of three; a raw topic': 'MESSAGES=8 RING=3 RAW',
  }),
  mutant('zombie', 'room by what is received', 'ROOM_BY_RECEIVED', 'overwritten'),
  mutant('zombie', 'raw: room by what is received', 'RAW ROOM_BY_RECEIVED', 'overwritten'),
  mutant('zombie', 'room without the suspected', 'ROOM_WITHOUT_SUSPECTED', 'overwritten'),
  mutant('zombie', 'room is free before delivery', 'FREE_BEFORE_DELIVERY', 'overwritten'),
  mutant(
    'zombie',
    'not frozen, and received after the wedge',
    'NO_FREEZE RECEIVE_AFTER_WEDGE',
    'deliveredTooMuch',
  ),

  // ---- total failures and restarts ----
  ...restart(true, {
    'three views and restarts': 'CRASHES=1',
    'three views and restarts; the topic of two': 'CRASHES=1 SUB=3',
    'three views and restarts, one host': 'CRASHES=2 SINGLE_HOST',
  }),
  ...restart(false, { 'four views and restarts': 'VIEWS=4 CRASHES=1' }),
  mutant('restart', 'the shortest log', 'CRASHES=1 SHORTEST_LOG', 'lost'),
  mutant('restart', 'a majority on one host', 'CRASHES=2 SINGLE_HOST MAJORITY_ON_ONE_HOST', 'lost'),
];

function restart(quick: boolean, bounds: Record<string, string>): ModelCase[] {
  return holding('restart', quick, bounds);
}

function holding(model: ModelCase['model'], quick: boolean, bounds: Record<string, string>): ModelCase[] {
  return Object.entries(bounds).map(([name, defines]) => ({ model, name, defines, expects: 'holds', quick }));
}

function viewChange(quick: boolean, bounds: Record<string, string>): ModelCase[] {
  return holding('view-change', quick, bounds);
}

function epoch(quick: boolean, bounds: Record<string, string>): ModelCase[] {
  return holding('epoch', quick, bounds);
}

function zombie(quick: boolean, bounds: Record<string, string>): ModelCase[] {
  return holding('zombie', quick, bounds);
}

/** A rule is left out: the search must find what then happens. */
function mutant(model: ModelCase['model'], name: string, defines: string, expects: Violation): ModelCase {
  return { model, name, defines, expects, quick: true };
}
