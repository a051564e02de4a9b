/*
 * One view change of a domain, from the first suspicion or request to the next view: docs/protocol.md, sections 5 and 6. N members, and one
 * ordered subgroup (the members in GROUP) whose epoch ends with the view. One message is under way in it, which anyone may or may not have
 * received when the change begins.
 *
 * What stands for what
 *   suspect, adopts                 runtime/membership/suspicions.ts: add, judge; freezing in view-table.ts and subgroup-memory.ts
 *   isAccused, may                  runtime/membership/membership.ts: #selfCheck, #mayDecide, and the order of #step
 *   barrier                         suspicions.ts: barrier
 *   takes over, proposes, commits   runtime/membership/agreement.ts: #takeOver, #propose, #acknowledgedBy, #lead
 *   copies, sees the commit         agreement.ts: #follow, #adoptCommitted; what is decided: decided
 *   wedges                          runtime/multicast/subgroup.ts: wedge; membership.ts: #change
 *   shows, takes                    runtime/multicast/relay.ts: #give, #take; what has to be shared before there is a trim: share
 *   trim, echo                      runtime/membership/epoch-end.ts: evaluate, #leadersTrim; subgroup.ts: computeTrim, publishTrim
 *   ends                            membership.ts: #haveEnded; suspicions.ts: areShared
 *   acts and installs               membership.ts: #install; subgroup.ts: deliverUpTo
 *
 * A row is one word: columns of the domain's row and of the subgroup's. The default is aliased memory: a row is there once, each store is public
 * at once, and what a member looks at may have changed before it stores what follows from it. Where it looks at several rows, it does so in one
 * step if what it looks for, once true, stays true; and row by row if not (the proposals of a takeover). With DELAYED each member has replicas of
 * its own, and each store goes to each peer through a first-in first-out queue.
 *
 * Left out: bytes (a batch of removals is one entry of the log; a request is another); the next view (who has installed writes no more); attaching
 * and giving back memory; requests' boards (any leader may see any of the REQUESTS, or not yet); heartbeats (who is dead may be suspected at any
 * time, FALSE_SUSPICIONS times somebody who lives is).
 *
 * CRASHES, FALSE_SUSPICIONS and REQUESTS bound what happens. With SINGLE_HOST survivors of any number go on after the others' proven death; a
 * silent member that stands in their way is killed. RAW: a raw topic, whose message is of a sender that has failed; with DELAYED, whoever has it passes
 * it on. WEDGED: a request is decided everywhere, and whoever is in the subgroup has wedged; of those, the members in HOLDERS have the message.
 * ACCUSERS: only they are suspected though they live, by one another.
 */
#ifndef N
#define N 3
#endif
#define everyone ((1 << N) - 1)
#ifndef GROUP
#define GROUP everyone
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef FALSE_SUSPICIONS
#define FALSE_SUSPICIONS 0
#endif
#ifndef ACCUSERS
#define ACCUSERS everyone
#endif
#ifndef HOLDERS
#define HOLDERS 2
#endif
#ifndef REQUESTS
#define REQUESTS 1
#endif
#ifndef QUEUE
#define QUEUE 12
#endif

/* ---- the columns of a row ---- */
#define numReceived(w) ((w) & 1)
#define suspected(w) (((w) >> 1) & 15)
#define logOf(w) (((w) >> 5) & logMask)
#define numCommitted(w) (((w) >> 23) & 3)
#define wedged(w) (((w) >> 25) & 1)
#define trimReady(w) (((w) >> 26) & 1)
#define trim(w) (((w) >> 27) & 1)
#define ended(w) (((w) >> 28) & 1)
#define installed(w) (((w) >> 29) & 1)
#define held(w) (((w) >> 30) & 1)
#define shows(w) (((w) >> 31) & 1)

/* ---- the log: how many entries, and the first two; an entry is its leader, whether it ends the view, and the change ---- */
#define logMask 262143
#define count(l) ((l) & 3)
#define first(l) (((l) >> 2) & 255)
#define second(l) (((l) >> 10) & 255)
#define last(l) (count(l) == 2 -> second(l) : first(l))
#define one(e) (1 | ((e) << 2))
#define two(e, f) (2 | ((e) << 2) | ((f) << 10))
#define entry(leader, change) ((leader) | ((change) << 3))
#define ending(e) ((e) | 4)
#define leaderOf(e) ((e) & 3)
#define endsView(e) (((e) >> 2) & 1)
#define changeOf(e) ((e) >> 3)
#define under(e, leader) (((e) & 252) | (leader))
/* a change: the members that it removes, or 16 and more for a request */
#define request(k) (16 + (k))

#define has(set, rank) (((set) >> (rank)) & 1)
#define size(set) (((set) & 1) + (((set) >> 1) & 1) + (((set) >> 2) & 1) + (((set) >> 3) & 1))
#define lowest(set) (((set) & 1) -> 0 : (((set) & 2) -> 1 : (((set) & 4) -> 2 : (((set) & 8) -> 3 : 4))))
#if N == 3
#define all(F) (F(0) && F(1) && F(2))
#define any(F) (F(0) || F(1) || F(2))
#else
#define all(F) (F(0) && F(1) && F(2) && F(3))
#define any(F) (F(0) || F(1) || F(2) || F(3))
#endif

#ifdef DELAYED
int replica[N * N]; /* [reader * N + owner]; a member's own row is its own replica */
chan puts[N * N] = [QUEUE] of { int };
#define live(q) replica[me * N + (q)]
#define STEPS atomic
#else
int rows[N];
#define live(q) rows[q]
#define STEPS
#endif
int frozen[N * N];
byte dead, done; /* crashed, killed or halted; installed */
byte delivered[N];
short next[N]; /* the changes that make the next view, once decided: two, of five bits each */
byte crashes = CRASHES, falseSuspicions = FALSE_SUSPICIONS;
byte agreedTrim = 255;
short agreedNext;
byte q, set; /* scratch: 0 between steps */
int w;
/* what must never be */
bool twoTrims, twoViews, deliveryLost, deliveredTooMuch, neverReceived, stuck, queueFull;
#define never(what, condition) what = (condition); assert(!what)

#define own live(me)
#define mine suspected(own)
#ifdef NO_FREEZE
#define row(q) live(q)
#else
#define row(q) (has(mine, q) -> frozen[me * N + (q)] : live(q))
#endif
#define survivors (everyone & ~mine)
#define leader lowest(survivors)
#define alive (!has(dead, me))
#define active (!has(dead | done, me))
#define inGroup has(GROUP, me)
#define isPeer(q) ((q) != me && !has(mine, q))

/* ---- stores: a store into my row, and its put to all who are not in `except` ---- */
#ifdef DELAYED
#define put(except) q = 0; do :: q < N -> if :: q != me && !has(dead | done, q) && !has(except, q) -> \
    never(queueFull, full(puts[me * N + q])); puts[me * N + q]!own :: else fi; q++ :: else -> break od; q = 0
#define emptied(q) do :: nempty(puts[q * N + me]) -> puts[q * N + me]?_ :: else -> break od; replica[me * N + q] = 0;
#else
#define put(except) skip
#define emptied(q)
#endif
/* I take part no more: what only I look at is nothing from now on, which saves states */
#define leave q = 0; do :: q < N -> emptied(q) frozen[me * N + q] = 0; q++ :: else -> break od; q = 0; next[me] = 0
#define store(bits) own = own | (bits); put(mine)
#define storeLog(l) own = (own & ~(logMask << 5)) | ((l) << 5); put(mine)
#define storeCommitted(n) own = (own & ~(3 << 23)) | ((n) << 23); put(mine)

/* ---- the live self-check: who is accused in anybody's row halts ---- */
#ifdef NO_SELF_CHECK
#define accuses(q) (isPeer(q) && has(suspected(row(q)), me))
#define selfCheck true
#else
#define accuses(q) ((q) != me && has(suspected(live(q)), me))
#define selfCheck (!isAccused)
#endif
#define isAccused any(accuses)

/* ---- who may go on ---- */
#ifdef MAJORITY_ROUNDED_DOWN
#define isMajority (size(survivors) >= N / 2)
#elif defined(LEAVERS_LEFT_OUT)
/* 1, 2 and 3 are leaving: 0 knows it of all of them, each of them of itself only */
#define leavers (me == 0 -> 14 : 1 << me)
#define isMajority (2 * size(survivors & ~leavers) > N - size(leavers))
#else
#define isMajority (2 * size(survivors) > N)
#endif
#ifdef NO_PROVEN_DEATH
#define areProvenDead true
#else
#define areProvenDead ((mine & ~dead) == 0)
#endif
#ifdef SINGLE_HOST
#define mayDecide (isMajority || areProvenDead)
#define mustHalt false
#else
#define mayDecide isMajority
#define mustHalt (!isMajority)
#endif
/* With replicas of my own, what I see of suspicions I have adopted before I look at the rest. */
#ifdef DELAYED
#define judged (!canAdopt(0) && !canAdopt(1) && !canAdopt(2) && !canAdopt(N - 1))
#else
#define judged true
#endif
#define may (active && judged && mayDecide && selfCheck)

/* ---- the takeover barrier ---- */
#define lower (mine & ((1 << me) - 1))
#ifdef BARRIER_AWAITS_INSTALLED
#define isPast(q) false
#else
#define isPast(q) installed(row(q))
#endif
#define suspectsLower(q) (!isPeer(q) || isPast(q) || (suspected(row(q)) & lower) == lower)
#define barrier (BARRIER_KEPT all(suspectsLower))
#ifdef NO_BARRIER
#define BARRIER_KEPT true ||
#else
#define BARRIER_KEPT
#endif
#ifdef NO_TRIM_BARRIER
#define trimBarrier true
#else
#define trimBarrier barrier
#endif

/* ---- acknowledged: mine or committed; `c` entries ---- */
#define committedBy(q) numCommitted(row(q))
#define most(a, b) ((a) > (b) -> (a) : (b))
#define base(q) most(numCommitted(own), committedBy(q))
#ifdef ACKS_UNBOUND
#define isMine(e) true
#else
#define isMine(e) (leaderOf(e) == me)
#endif
#define hasFirst(q) (count(logOf(row(q))) > 0 && isMine(first(logOf(row(q)))))
#define hasSecond(q) (count(logOf(row(q))) > 1 && isMine(second(logOf(row(q)))))
#define acknowledgesOne(q) (!isPeer(q) || base(q) >= 1 || hasFirst(q))
#define acknowledgesTwo(q) (!isPeer(q) || base(q) >= 2 || (base(q) == 1 && hasSecond(q)) || (base(q) == 0 && hasFirst(q) && hasSecond(q)))
#define canCommitOne (numCommitted(own) < 1 && count(logOf(own)) >= 1 && all(acknowledgesOne))
#define canCommitTwo (numCommitted(own) < 2 && count(logOf(own)) >= 2 && all(acknowledgesTwo))
#define showsCommit(q) (isPeer(q) && committedBy(q) > numCommitted(own))
#define decided (numCommitted(own) > 0 && (endsView(first(logOf(own))) || (numCommitted(own) == 2 && endsView(second(logOf(own))))))
#define hasEnd(l) (count(l) > 0 && (endsView(first(l)) || endsView(last(l))))

/* ---- of two logs, the one of the later leader, then the longer; 0 where nothing in it is uncommitted ---- */
#ifdef LONGEST_PROPOSAL
#define key(l) (count(l) > numCommitted(own) -> count(l) : 0)
#else
#define key(l) (count(l) > numCommitted(own) -> (leaderOf(last(l)) + 1) * 4 + count(l) : 0)
#endif
#define isLater(q) ((q) != me && key(logOf(row(q))) > key(logOf(own)))
#ifdef EXTENDS_DECIDED
#define mayTakeOver true
#else
#define mayTakeOver (!decided)
#endif
#define isForeign (count(logOf(own)) > numCommitted(own) && leaderOf(last(logOf(own))) != me)
#define mustTakeOver (mayTakeOver && (isForeign || any(isLater)))
#define lookAt(q) if :: (q) != me && key(logOf(row(q))) > key(seen) -> seen = logOf(row(q)) :: else fi;
/* my committed prefix, then what follows in `l`, under my rank */
#define mergeUnderMe(l) (numCommitted(own) == 0 \
  -> (count(l) == 2 -> two(under(first(l), me), under(second(l), me)) : one(under(first(l), me))) \
  : two(first(logOf(own)), under(second(l), me)))

/* ---- what a follower copies ---- */
#define leaders logOf(row(leader))
#define copiesFirst (numCommitted(own) == 0 && count(leaders) > 0 && leaderOf(first(leaders)) == leader \
  && !(count(logOf(own)) > 0 && leaderOf(first(logOf(own))) == leader))
#define copiesSecond (count(leaders) == 2 && numCommitted(own) < 2 && leaderOf(second(leaders)) == leader \
  && (numCommitted(own) == 1 || leaderOf(first(leaders)) == leader) \
  && !(count(logOf(own)) == 2 && leaderOf(second(logOf(own))) == leader))
#define copy (numCommitted(own) == 0 -> leaders : two(first(logOf(own)), second(leaders)))

/* ---- ragged trim ---- */
#define members (survivors & GROUP)
#define showsWedged(q) (!has(members, q) || wedged(row(q)))
#define showsTrim(q) (has(members, q) && trimReady(row(q)))
#ifdef NO_ECHO
#define echoes(q) true
#elif defined(FLAG_ONLY)
#define echoes(q) (!has(members, q) || trimReady(row(q)))
#else
#define echoes(q) (!has(members, q) || (trimReady(row(q)) && trim(row(q)) == trim(own)))
#endif
#define hasReceived(q) (!has(GROUP, q) || numReceived(row(q)))
#ifdef TRIM_LEADER_FIXED
#define trimLeader leaderThen
#else
#define trimLeader lowest(members)
#endif
#ifdef RECEIVE_AFTER_WEDGE
#define mayReceive (!trimReady(own))
#else
#define mayReceive ((mine & GROUP) == 0 && !wedged(own))
#endif
#if defined(RAW) && !defined(RAW_TRIM_LEAST)
#define computed any(hasReceivedIt)
#else
#define lacks(q) (has(members, q) && !numReceived(row(q)))
#define computed (!any(lacks))
#endif
#ifdef TRIM_ALWAYS_COMPUTED
#define shown computed
#elif N == 3
#define shown (showsTrim(0) -> trim(row(0)) : (showsTrim(1) -> trim(row(1)) : (showsTrim(2) -> trim(row(2)) : computed)))
#else
#define shown (showsTrim(0) -> trim(row(0)) : (showsTrim(1) -> trim(row(1)) : (showsTrim(2) -> trim(row(2)) : (showsTrim(3) -> trim(row(3)) : computed))))
#endif

#ifdef TRIM_FROM_ANY
#define showsAnyTrim(q) (has(GROUP, q) && trimReady(row(q)))
#define isTrimShown any(showsAnyTrim)
#define shownTrim (showsAnyTrim(0) -> trim(row(0)) : (showsAnyTrim(1) -> trim(row(1)) : trim(row(2))))
#else
#define isTrimShown showsTrim(trimLeader)
#define shownTrim trim(row(trimLeader))
#endif

/* ---- a raw topic on replicas: before there is a trim, all come to hold what any survivor received ---- */
#define canHold(w) (numReceived(w) || held(w))
#ifdef HELD_IS_RECEIVED
#define hasReceivedIt(q) (has(members, q) && canHold(row(q)))
#else
#define hasReceivedIt(q) (has(members, q) && numReceived(row(q)))
#endif
#define isWithout(q) (has(members, q) && !canHold(row(q)))
#ifdef RELAY_BY_LOWEST
#define holder lowest(members)
#elif N == 3
#define holder (hasReceivedIt(0) -> 0 : (hasReceivedIt(1) -> 1 : 2))
#else
#define holder (hasReceivedIt(0) -> 0 : (hasReceivedIt(1) -> 1 : (hasReceivedIt(2) -> 2 : 3)))
#endif
#if defined(RAW) && defined(DELAYED) && !defined(NO_RELAY)
#define isShared (!any(hasReceivedIt) || !any(isWithout))
#else
#define isShared true
#endif
/* whoever lacks some of the trim echoes once it has it; the leader puts it at once, or once it has it itself */
#if defined(TRIM_BEFORE_RELAY) || defined(TRIM_ONCE_MINE)
#ifdef TRIM_ONCE_MINE
#define mayTrim (isShared || canHold(own))
#else
#define mayTrim true
#endif
#define mayEcho (!isTrimShown || !shownTrim || canHold(own))
#define mayShare (may && wedged(own) && all(showsWedged))
#else
#define mayTrim isShared
#define mayEcho isShared
#define mayShare (canEnd && !isShared)
#endif
#define canEnd (may && wedged(own) && !trimReady(own) && all(showsWedged))
#ifdef READY_BEFORE_TRIM
#define showTrim d_step { alive -> store(1 << 26) } d_step { alive -> store(seen << 27); seen = 0 }
#else
#define showTrim d_step { alive -> store(seen << 27) } d_step { alive -> store(1 << 26); seen = 0 }
#endif

/* ---- the end of the epoch: a matter of the whole domain, where one ends ---- */
#define isTrimAgreed (!inGroup || (trimReady(own) && all(echoes)))
#ifdef END_UNSHARED
#define sharesMine(q) true
#else
#define sharesMine(q) (!isPeer(q) || isPast(q) || (suspected(row(q)) & mine) == mine)
#endif
#define showsEnd(q) (has(mine, q) || ended(row(q)))
#if GROUP == 0
#define isEnded true
#elif defined(END_UNAWAITED)
#define isEnded ended(own)
#else
#define isEnded all(showsEnd)
#endif

inline halt() { printf("%d halts\n", me); dead = dead | (1 << me); leave }

/* Freeze, then accuse: between the two the accused goes on. The accusation is the last put that it gets. */
#define suspect(who) \
  d_step { alive -> printf("%d suspects %d\n", me, who); frozen[me * N + (who)] = live(who); pending = 1 + (who) } \
  d_step { alive -> set = mine; own = own | (1 << pending); put(set); set = 0; pending = 0; if :: mustHalt -> halt() :: else fi }

#define adopts(q, who) (isPeer(q) && has(suspected(row(q)), who))
#if N == 3
#define isSuspectedByPeers(who) (adopts(0, who) || adopts(1, who) || adopts(2, who))
#else
#define isSuspectedByPeers(who) (adopts(0, who) || adopts(1, who) || adopts(2, who) || adopts(3, who))
#endif
#define canAdopt(who) (isPeer(who) && isSuspectedByPeers(who))

#ifdef DELAYED
#define arrive(q) :: d_step { active && q != me && nempty(puts[q * N + me]) -> puts[q * N + me]?w; replica[me * N + q] = w; w = 0 }
#else
#define arrive(q)
#endif
#define suspicions(q) \
  :: STEPS { active && isPeer(q) && (has(dead, q) || canAdopt(q)) -> suspect(q) } \
  :: STEPS { d_step { active && isPeer(q) && !has(dead, q) && falseSuspicions > 0 && has(ACCUSERS, me) && has(ACCUSERS, q) -> falseSuspicions-- } suspect(q) }

proctype member(byte me) {
  byte pending, leaderThen;
  int seen;
  do
  arrive(0) arrive(1) arrive(2)
  suspicions(0) suspicions(1) suspicions(2)
#if N > 3
  arrive(3)
  suspicions(3)
#endif
#ifdef SINGLE_HOST
  :: d_step { active && !isMajority && (mine & ~dead) != 0 -> printf("%d kills\n", me); dead = dead | mine }
#endif
  :: d_step { active && isAccused -> halt() }

  /* ---- the residue of the steady state ---- */
  :: d_step { active && inGroup && mayReceive && !numReceived(own) -> printf("%d receives\n", me); store(1)
#ifdef RAW
       ; delivered[me] = 1
#endif
     }
#ifndef RAW
  :: d_step { active && inGroup && (mine & GROUP) == 0 && !wedged(own) && !delivered[me] && all(hasReceived) ->
       printf("%d delivers\n", me); delivered[me] = 1; never(deliveredTooMuch, agreedTrim == 0) }
#endif

  /* ---- agreement: leading ---- */
  :: STEPS {
       d_step { may && leader == me && barrier && !any(showsCommit) && mustTakeOver -> seen = logOf(own) }
       d_step { alive -> lookAt(0) } d_step { alive -> lookAt(1) } d_step { alive -> lookAt(2) }
#if N > 3
       d_step { alive -> lookAt(3) }
#endif
       d_step { alive -> printf("%d takes over %d\n", me, seen); storeLog(mergeUnderMe(seen)); seen = 0 } }
  :: STEPS {
       d_step { may && leader == me && barrier && !any(showsCommit) && !mustTakeOver && !hasEnd(logOf(own)) && (mine != 0 || REQUESTS > 0) -> skip }
       if
       :: d_step { alive && mine != 0 -> seen = one(ending(entry(me, mine))) }
#if REQUESTS > 0
       :: d_step { alive && mine != 0 -> seen = two(entry(me, mine), ending(entry(me, request(0)))) }
       :: d_step { alive && mine == 0 -> seen = one(ending(entry(me, request(0)))) }
#endif
#if REQUESTS > 1
       :: d_step { alive && mine == 0 -> seen = two(entry(me, request(0)), ending(entry(me, request(1)))) }
#endif
       fi;
       d_step { alive -> printf("%d proposes %d\n", me, seen); storeLog(seen); seen = 0 } }
  :: STEPS {
       d_step { may && leader == me && barrier && !mustTakeOver && (canCommitTwo || canCommitOne) -> seen = (canCommitTwo -> 2 : 1) }
       d_step { alive -> printf("%d commits %d\n", me, seen); storeCommitted(seen); seen = 0 } }

  /* ---- agreement: following; what a survivor shows as committed, a leader takes too ---- */
  :: STEPS {
       d_step { may && (leader != me || barrier) && any(showsCommit) ->
         q = 0; do :: showsCommit(q) -> break :: else -> q++ od;
         seen = (committedBy(q) == 1 -> one(first(logOf(row(q)))) : (numCommitted(own) == 0 -> two(first(logOf(row(q))), second(logOf(row(q)))) : two(first(logOf(own)), second(logOf(row(q))))));
         q = 0 }
       d_step { alive -> printf("%d sees the commit of %d\n", me, seen); storeLog(seen) }
       d_step { alive -> storeCommitted(count(seen)); seen = 0 } }
  :: STEPS {
       d_step { may && leader != me && !any(showsCommit) && (copiesFirst || copiesSecond) -> seen = copy }
       d_step { alive -> printf("%d copies %d\n", me, seen); storeLog(seen); seen = 0 } }

  /* ---- the next view is known; wedge: a last receive, then the flag ---- */
  :: d_step { may && decided && next[me] == 0 ->
       next[me] = changeOf(first(logOf(own))) | (numCommitted(own) == 2 -> changeOf(second(logOf(own))) << 5 : 0);
       leaderThen = lowest(members);
       if :: changeOf(first(logOf(own))) < 16 && has(changeOf(first(logOf(own))), me) -> halt() :: else fi }
  :: STEPS {
       d_step { may && next[me] != 0 && inGroup && !wedged(own) -> skip }
       if
       :: d_step { alive && !numReceived(own) -> store(1)
#ifdef RAW
            ; delivered[me] = 1
#endif
          }
       :: skip
       fi;
       d_step { alive -> printf("%d wedges\n", me); store(1 << 25) } }

  /* ---- ragged trim ---- */
#if defined(RAW) && defined(DELAYED)
  :: STEPS { d_step { mayShare && holder == me && any(isWithout) && !shows(own) -> printf("%d shows it\n", me); store(1 << 31) } }
  :: STEPS { d_step { mayShare && !canHold(own) && any(hasReceivedIt) && shows(row(holder)) ->
       printf("%d takes it from %d\n", me, holder); never(neverReceived, !numReceived(row(holder))); store(1 << 30) } }
#endif
  :: STEPS { d_step { canEnd && mayTrim && trimLeader == me && trimBarrier -> printf("%d leads with trim %d\n", me, shown); seen = shown } showTrim }
  :: STEPS { d_step { canEnd && mayEcho && trimLeader != me && isTrimShown -> printf("%d echoes trim %d\n", me, shownTrim); seen = shownTrim } showTrim }

  /* ---- end, act and install ---- */
#if GROUP != 0
  :: STEPS {
       d_step { may && next[me] != 0 && !ended(own) && isTrimAgreed && all(sharesMine) -> skip }
       d_step { alive -> printf("%d has ended\n", me); store(1 << 28) } }
#endif
  :: STEPS {
       d_step { may && next[me] != 0 && isEnded -> skip }
       d_step { alive ->
         printf("%d installs %d\n", me, next[me]);
         never(twoViews, agreedNext != 0 && agreedNext != next[me]);
         agreedNext = next[me];
         if
         :: inGroup ->
            never(twoTrims, agreedTrim != 255 && agreedTrim != trim(own));
            agreedTrim = trim(own);
#ifdef RAW
            never(deliveredTooMuch, delivered[me] > trim(own));
#ifdef DELAYED
            never(neverReceived, trim(own) && !canHold(own));
#endif
#else
            q = 0; do :: q < N -> never(deliveryLost, delivered[q] > trim(own)); q++ :: else -> break od; q = 0;
            never(neverReceived, numReceived(own) < trim(own));
#endif
            delivered[me] = trim(own)
         :: else
         fi;
         store(1 << 29);
         done = done | (1 << me); leave } }
  od
}

#define crash(who) :: d_step { crashes > 0 && !has(dead, who) -> printf("%d crashes\n", who); crashes--; me = who; dead = dead | (1 << me); leave; me = 0 }

#ifdef WEDGED
#define beginning(who) ((one(ending(entry(0, request(0)))) << 5) | (1 << 23) | (has(GROUP, who) << 25) | has(HOLDERS, who))
#ifdef RAW
#define hasDelivered(who) delivered[who] = has(HOLDERS, who);
#else
#define hasDelivered(who)
#endif
#ifdef DELAYED
#define begin(who) q = 0; do :: q < N -> replica[q * N + (who)] = beginning(who); q++ :: else -> break od; q = 0; next[who] = request(0); hasDelivered(who)
#else
#define begin(who) rows[who] = beginning(who); next[who] = request(0); hasDelivered(who)
#endif
#else
#define begin(who)
#endif

init {
  byte me;
  atomic {
    begin(0) begin(1) begin(2)
#if N > 3
    begin(3)
#endif
    run member(0); run member(1); run member(2);
#if N > 3
    run member(3);
#endif
  }
  do
  crash(0) crash(1) crash(2)
#if N > 3
  crash(3)
#endif
  :: timeout -> break
  od;
  skip;
  /* Nothing moves any more: who lives has installed, or nothing had begun. */
  d_step {
    me = 0;
    do
    :: me < N ->
       if
       :: !has(dead | done, me) -> never(stuck, mine != 0 || logOf(own) != 0 || agreedNext != 0)
       :: else
       fi;
       me++
    :: else -> break
    od
  }
}
