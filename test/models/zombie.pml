/*
 * A suspected member that lives on over aliased memory. docs/protocol.md, section 5, and the end of section 6. Members 0 and 1 receive; member 2, the
 * zombie, sends and receives. The others suspect it at any time, wedge, agree on a trim and deliver up to it; it never learns of that, goes on writing
 * into its ring as far as it has room, and reads what they write.
 *
 * What stands for what
 *   writes, pushes     runtime/multicast/outbox.ts: refreshRoom, open, push
 *   suspects           runtime/membership/suspicions.ts: add; subgroup.ts: freeze, stop
 *   receives           runtime/multicast/inbox.ts: receive; of a suspected member the frozen row
 *   delivers           inbox.ts: deliver, #publishDelivered: `consumed` is put after the messages were handed out
 *   wedges             subgroup.ts: wedge, with a last receive
 *   trim               runtime/membership/epoch-end.ts, subgroup.ts: computeTrim; no crash here: view-change.pml has those
 *   acts               inbox.ts: deliverUpTo
 *
 * Every cell is there once. A message in the ring is read in place: whoever delivers looks at it at two times, and it must not have changed between.
 * RAW: a raw topic, delivered at receipt, its trim the most that a survivor received.
 */
#ifndef RING
#define RING 2
#endif
#ifndef MESSAGES
#define MESSAGES 5
#endif
byte ring[RING];
byte written, sent;
byte numReceived[3], consumed[3];
bool suspected[2], wedged[2], trimReady[2], installed[2];
byte frozen[2], trim[2], delivered[3];

/* what must never be */
bool overwritten, deliveredTooMuch, neverReceived, differ;
#define never(what, condition) what = (condition); assert(!what)

#define min(a, b) ((a) < (b) -> (a) : (b))
#define max(a, b) ((a) > (b) -> (a) : (b))

/* ---- the zombie ---- */
#ifdef ROOM_BY_RECEIVED
#define roomFrom(q) numReceived[q]
#else
#define roomFrom(q) consumed[q]
#endif
#ifdef ROOM_WITHOUT_SUSPECTED
/* the zombie suspects the others as well, goes on writing, and leaves them out */
bool suspects[2];
#define counted(q) ((q) < 2 && suspects[q] -> 255 : roomFrom(q))
#else
#define counted(q) roomFrom(q)
#endif
#define slowest min(counted(2), min(counted(0), counted(1)))

active proctype zombie() {
  byte seen;
  do
  :: d_step { written < MESSAGES && written - slowest < RING -> ring[written % RING] = written + 1; written++ }
  :: d_step { sent < written -> sent = written }
  :: d_step { numReceived[2] < sent -> numReceived[2] = sent }
#ifdef RAW
  :: d_step { delivered[2] < numReceived[2] -> seen = ring[delivered[2] % RING] }
#else
  :: d_step { delivered[2] < min(numReceived[2], min(numReceived[0], numReceived[1])) -> seen = ring[delivered[2] % RING] }
#endif
     d_step { never(overwritten, ring[delivered[2] % RING] != delivered[2] + 1 || seen != delivered[2] + 1); seen = 0; delivered[2]++; consumed[2] = delivered[2];
#ifndef RAW
       /* whatever anyone delivered, the trim keeps */
       never(deliveredTooMuch, (installed[0] && delivered[2] > trim[0]) || (installed[1] && delivered[2] > trim[1]))
#endif
     }
#ifdef ROOM_WITHOUT_SUSPECTED
  :: d_step { !suspects[0] -> suspects[0] = true }
  :: d_step { !suspects[1] -> suspects[1] = true }
#endif
  od
}

/* ---- a survivor ---- */
#define other (1 - me)
#ifdef NO_FREEZE
#define sentSeen sent
#define receivedByZombie numReceived[2]
#else
#define sentSeen (suspected[me] -> frozen[me] : sent)
#endif
#ifdef RECEIVE_AFTER_WEDGE
#define mayReceive (!trimReady[me])
#else
#define mayReceive (!suspected[me])
#endif
#ifdef DELIVER_WHILE_STOPPED
#define mayDeliver (!trimReady[me])
#else
#define mayDeliver (!suspected[me])
#endif
#ifdef RAW
#define deliverable numReceived[me]
#define computed max(numReceived[0], numReceived[1])
#else
#define deliverable min(numReceived[2], min(numReceived[0], numReceived[1]))
#define computed min(numReceived[0], numReceived[1])
#endif

/* hands one message out, then counts it */
#ifdef FREE_BEFORE_DELIVERY
#define countFirst consumed[me] = delivered[me] + 1;
#else
#define countFirst
#endif
#define handOut \
  d_step { countFirst seen = ring[delivered[me] % RING]; never(overwritten, seen != delivered[me] + 1) } \
  d_step { never(overwritten, ring[delivered[me] % RING] != seen); seen = 0; delivered[me]++ } \
  d_step { consumed[me] = delivered[me] }

proctype survivor(byte me) {
  byte seen, last;
  do
  :: d_step { mayReceive && numReceived[me] < sentSeen -> numReceived[me] = sentSeen }
  :: mayDeliver && delivered[me] < deliverable -> handOut
  :: d_step { !suspected[me] -> frozen[me] = sent } d_step { suspected[me] = true }
  :: d_step { suspected[me] && !wedged[me] -> last = sentSeen }
     d_step { if :: numReceived[me] < last -> numReceived[me] = last :: else fi; last = 0 }
     d_step { wedged[me] = true }
  :: d_step { me == 0 && wedged[0] && wedged[1] && !trimReady[0] -> trim[0] = computed } d_step { trimReady[0] = true }
  :: d_step { me == 1 && wedged[0] && wedged[1] && trimReady[0] && !trimReady[1] -> trim[1] = trim[0] } d_step { trimReady[1] = true }
  :: trimReady[0] && trimReady[1] -> break
  od;
  skip;
  d_step {
    never(deliveredTooMuch, delivered[me] > trim[me]);
#ifndef RAW
    never(neverReceived, numReceived[me] < trim[me]);
    never(deliveredTooMuch, delivered[2] > trim[me])
#endif
  }
  do
  :: delivered[me] < trim[me] -> handOut
  :: else -> break
  od;
  skip;
  d_step { installed[me] = true; never(differ, installed[other] && delivered[other] != delivered[me]) }
}

init { atomic { run survivor(0); run survivor(1) } }
