/*
 * One epoch of an ordered subgroup, without faults: the round-robin order, nulls, room in the rings, stability. docs/protocol.md, section 3. N members
 * receive; the first S of them send, up to MESSAGES messages each.
 *
 * What stands for what
 *   writes          runtime/multicast/outbox.ts: open, refreshRoom; ring.ts: open, commit
 *   pushes          outbox.ts: push
 *   takes turns     outbox.ts: turnsOwed, sendNulls; subgroup.ts: #takeTurns
 *   receives        runtime/multicast/inbox.ts: receive
 *   delivers        inbox.ts: deliver, #deliverInOrder, #take; subgroup.ts: #stable
 *   frees           inbox.ts: #publishDelivered
 *
 * The default is aliased memory: a row is there once, and every store is public at once. With DELAYED each member has replicas of its own, and the row
 * goes to each peer through a first-in first-out queue; the ring is written before.
 *
 * Left out: bytes (every frame takes one of the RING places, a run of nulls too), large messages, readers that are full, limits of batches. The order in
 * which a member does what it can is any; the code has one.
 */
#ifndef N
#define N 3
#endif
#ifndef S
#define S 2
#endif
#ifndef MESSAGES
#define MESSAGES 2
#endif
#ifndef RING
#define RING 2
#endif
/* More turns than any run needs: whoever gets there never stops. */
#ifndef TURNS
#define TURNS 8
#endif
#define QUEUE 14

typedef Row { byte sent; byte real; byte received; byte numReceived[S]; byte consumed[S] }
#ifdef DELAYED
Row rows[N * N]; /* [reader * N + owner]; a member's own row is its own replica */
#define row(q) rows[me * N + (q)]
#define owned(q) rows[(q) * N + (q)]
#define STEPS atomic
chan puts[N * N] = [QUEUE] of { byte, byte, byte, byte, byte };
#define put p = 0; do :: p < N -> if :: p != me -> never(queueFull, full(puts[me * N + p])); \
  puts[me * N + p]!own.sent, own.real, own.received, own.consumed[0], own.consumed[S - 1] :: else fi; p++ :: else -> break od; p = 0
#define arrive(q) :: d_step { q != me && nempty(puts[q * N + me]) -> \
  puts[q * N + me]?row(q).sent, row(q).real, row(q).received, row(q).consumed[0], row(q).consumed[S - 1] }
#else
Row rows[N];
#define row(q) rows[q]
#define owned(q) rows[q]
#define STEPS
#define put skip
#define arrive(q)
#endif
#define own row(me)

/* ---- senders: turns and frames committed, pushed or not; frames that all receivers are done with, when last looked at ---- */
byte turns[S], realTurns[S], frames[S], freed[S];
byte written[S], quota[S];
/* a frame: 0 where none was written, else its kind, and 4 times the message's number or the run's length */
byte ring[S * RING];
#define data 1
#define silence 2
#define place(s, frame) ring[(s) * RING + (frame) % RING]
/* the whole truth of each turn, for the checks: the message's number, 0 for a null */
byte truth[S * TURNS];

/* ---- receivers ---- */
byte delivered[N];
byte taken[N * S]; /* frames of each sender that were passed */
byte nulls[N * S]; /* turns left of the run of nulls that was entered last */

/* what must never be */
bool endless, gap, unstable, outOfOrder, overwritten, undelivered, queueFull;
#define never(what, condition) what = (condition); assert(!what)

byte p, k; /* scratch: 0 between steps */

#define min(a, b) ((a) < (b) -> (a) : (b))
#if N == 2
#define least(F) min(F(0), F(1))
#define any(F) (F(0) || F(1))
#else
#define least(F) min(F(0), min(F(1), F(2)))
#define any(F) (F(0) || F(1) || F(2))
#endif

/* ---- room: what the slowest receiver has consumed ---- */
#define consumedBy(q) row(q).consumed[me]
#define freedNow least(consumedBy)
#define hasRoom (frames[me] - freed[me] < RING)

/* ---- what is received without gap: the first sender of the round that has fewest turns stops it ---- */
#define upTo(s) (own.numReceived[s] * S + (s))
#if S == 1
#define contiguous upTo(0)
#elif S == 2
#define contiguous min(upTo(0), upTo(1))
#else
#define contiguous min(upTo(0), min(upTo(1), upTo(2)))
#endif
#define hasMore(s) ((s) < S && row(s).sent > own.numReceived[s])

/* ---- nulls: turns that I am behind ---- */
#ifdef NULLS_ANSWER_NULLS
#define spoken(s) row(s).sent
#else
#define spoken(s) row(s).real
#endif
#ifdef ROUND_EXCLUDED
#define before(s) false
#else
#define before(s) (me < (s))
#endif
#ifndef AHEAD
#define AHEAD 0
#endif
#define wanted(s) (before(s) -> spoken(s) : spoken(s) - 1)
#define owes(s) ((s) < S && (s) != me && spoken(s) > 0 && wanted(s) > turns[me])
#define owesAny (me < S && any(owes))

#define receivedBy(q) row(q).received
#ifdef DELIVER_BEFORE_STABLE
#define stable own.received
#else
#define stable least(receivedBy)
#endif
#define lacks(q) (owned(q).numReceived[s] <= delivered[me] / S)

#define commit(frame) place(me, frames[me]) = frame; frames[me]++

proctype member(byte me) {
  byte s, upto, seen, room;
  do
  arrive(0) arrive(1)
#if N > 2
  arrive(2)
#endif
  :: d_step { me < S && freedNow > freed[me] -> freed[me] = freedNow }
  :: d_step { me < S && written[me] < quota[me] && hasRoom ->
       printf("%d writes turn %d\n", me, turns[me]);
       never(endless, turns[me] >= TURNS);
       written[me]++; truth[me * TURNS + turns[me]] = written[me];
       commit(data + 4 * written[me]); turns[me]++; realTurns[me] = turns[me] }
  :: STEPS {
       d_step { me < S && turns[me] > own.sent -> own.real = realTurns[me] }
       d_step { printf("%d pushes %d\n", me, turns[me]); own.sent = turns[me]; put } }
  :: d_step { owesAny && hasRoom ->
       k = 0; seen = turns[me];
       do :: k < S -> if :: owes(k) && wanted(k) + AHEAD > seen -> seen = wanted(k) + AHEAD :: else fi; k++ :: else -> break od; k = 0;
       printf("%d takes turns up to %d\n", me, seen);
       never(endless, seen >= TURNS);
       commit(silence + 4 * (seen - turns[me])); turns[me] = seen; seen = 0 }
  :: STEPS {
       d_step { any(hasMore) ->
         k = 0; do :: k < S -> if :: hasMore(k) -> own.numReceived[k] = row(k).sent :: else fi;
#ifdef FREE_AT_RECEIPT
         own.consumed[k] = frames[k];
#endif
         k++ :: else -> break od; k = 0 }
       d_step { own.received = contiguous; printf("%d has received %d\n", me, own.received); put } }
  :: d_step { delivered[me] < stable -> upto = stable }
     do
     :: delivered[me] < upto ->
        d_step {
          s = delivered[me] % S;
          never(gap, turns[s] <= delivered[me] / S);
          never(unstable, any(lacks));
          if
          :: nulls[me * S + s] > 0 -> nulls[me * S + s]--
          :: else ->
             seen = place(s, taken[me * S + s]);
             if :: seen % 4 == silence -> nulls[me * S + s] = seen / 4 - 1; seen = 0; taken[me * S + s]++ :: else fi
          fi;
          printf("%d delivers %d: %d\n", me, delivered[me], seen);
          never(outOfOrder, seen / 4 != truth[s * TURNS + delivered[me] / S]) }
#ifdef FREE_BEFORE_DELIVERY
        d_step { own.consumed[s] = taken[me * S + s] + (seen != 0 -> 1 : 0); put }
#endif
        /* the handler has read it in place, and returns */
        d_step {
          if :: seen != 0 -> never(overwritten, place(s, taken[me * S + s]) != seen); taken[me * S + s]++ :: else fi;
          seen = 0; s = 0; delivered[me]++ }
     :: else -> break
     od;
     upto = 0;
     d_step { k = 0; do :: k < S -> own.consumed[k] = taken[me * S + k]; k++ :: else -> break od; k = 0; put }
  od
}

init {
  byte me, q;
  atomic {
    do
    :: q < S -> if :: quota[q] = 0 :: quota[q] = 1 :: quota[q] = MESSAGES fi; q++
    :: else -> break
    od;
    q = 0;
    run member(0); run member(1);
#if N > 2
    run member(2);
#endif
  }
  timeout;
  /* Nothing moves any more: all that was to be said is delivered everywhere, and nobody owes anything. */
  d_step {
    me = 0;
    do
    :: me < S ->
       never(undelivered, written[me] != quota[me] || owesAny);
       q = 0;
       do :: q < N -> never(undelivered, realTurns[me] > 0 && delivered[q] <= (realTurns[me] - 1) * S + me); q++ :: else -> break od;
       me++
    :: else -> break
    od
  }
}
