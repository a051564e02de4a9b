/*
 * Total failures and restarts. docs/protocol.md, sections 6 (step 6) and 8. A persistent topic, of which the members in SUB are replicas; views
 * follow one another by failures, with the record of the next view before anyone acts; all die at any time, and a restart is tried with any
 * of the disks, which may die in its midst.
 *
 * What stands for what
 *   logs, delivers     runtime/multicast/commit.ts: one message in each view, committed once all its replicas have it
 *   ends               runtime/membership/epoch-end.ts: the next view and the trim are decided once; view-change.pml has how
 *   records            runtime/membership/preparation.ts, view-log.ts
 *   persists, installs runtime/membership/view-end.ts, installed.ts
 *   restarts           runtime/membership/restart.ts: planRestart; top-ups come at once
 *   records again      runtime/membership/restart-course.ts
 *
 * Left out: endpoints, replicas that come late, a topic without replicas (where none of SUB is left, nothing is logged). SINGLE_HOST: survivors of
 * any number go on; else a majority. Views are numbered as they are made; what a disk has of them are bits.
 */
#define N 3
#define all ((1 << N) - 1)
#ifndef SUB
#define SUB all
#endif
#ifndef VIEWS
#define VIEWS 3
#endif
#ifndef CRASHES
#define CRASHES 2
#endif

/* the views: members, the one before, the restart that it belongs to (its first view), how often the domain was restarted by then */
byte members[VIEWS], before[VIEWS], domain[VIEWS], restarts[VIEWS];
/* what a log has to have at the end of the view before; what it must not have */
byte reached[VIEWS], cut[VIEWS];
byte views = 1;
/* disks */
byte recorded[N], installed[N], logged[N];
/* the life of now */
byte up = all, current = 0, next = 0, persisted, crashes;
bool total;
/* the restart of now: its view, 0 where there is none, and who is there */
byte restart, present;
byte committed;
/* what must never be */
bool lost;

#define has(mask, d) (((mask) >> (d)) & 1)
#define count(mask) (((mask) & 1) + (((mask) >> 1) & 1) + (((mask) >> 2) & 1))
#define majority(some, of) (2 * count((some) & (of)) > count(of))
#define survivors (up & members[current])
#ifdef SINGLE_HOST
#define mayDecide (survivors != 0)
#ifdef MAJORITY_ON_ONE_HOST
#define enough(of) majority(present, of)
#else
#define enough(of) ((present & (of)) == (of))
#endif
#else
#define mayDecide majority(up, members[current])
#define enough(of) majority(present, of)
#endif
#define replicas(v) (members[v] & SUB)

inline dieAll() {
  d_step { printf("all die\n"); up = 0; total = true; restart = 0; present = 0; persisted = 0; next = 0 }
}

#define recordedBy(d) (!has(present, d) || has(recorded[d], restart))
#define isRecorded (recordedBy(0) && recordedBy(1) && recordedBy(2))

/* ---- a life: step by step, whoever takes the step ---- */
proctype member(byte me) {
  byte d;
  do
  :: d_step { !total && has(up & replicas(current), me) && next == 0 && !has(logged[me], current) ->
       printf("%d logs in view %d\n", me, current); logged[me] = logged[me] | (1 << current) }
  :: atomic { !total && has(survivors, me) && next == 0 && replicas(current) != 0 && !has(committed, current) ->
       d = 0; do :: d < N && (!has(replicas(current), d) || has(logged[d], current)) -> d++ :: else -> break od;
       if :: d == N -> printf("%d delivers in view %d\n", me, current); committed = committed | (1 << current) :: else fi; d = 0 }
  :: d_step { !total && has(up, me) && crashes < CRASHES && up != (1 << me) ->
       printf("%d crashes\n", me); crashes++; up = up & ~(1 << me) }
  /* the next view, and whether the trim keeps the message: it does where anyone may have delivered it */
  :: atomic { !total && has(survivors, me) && next == 0 && survivors != members[current] && mayDecide && views < VIEWS ->
       next = views; views++; members[next] = survivors; before[next] = current;
       domain[next] = domain[current]; restarts[next] = restarts[current];
       if :: replicas(next) == 0 -> skip
          :: replicas(next) != 0 -> reached[next] = 1 << current
          :: replicas(next) != 0 && !has(committed, current) -> cut[next] = 1 << current fi;
       printf("%d ends view %d: next %d, trim keeps %d\n", me, current, next, reached[next]) }
  :: d_step { !total && has(survivors, me) && next != 0 && has(members[next], me) && !has(recorded[me], next) ->
       printf("%d records view %d\n", me, next); recorded[me] = recorded[me] | (1 << next) }
  :: atomic { !total && next != 0 && has(up & members[next], me) && !has(persisted, me) && mayDecide ->
       d = 0;
       do :: d < N && (!has(up & members[next], d) || has(recorded[d], next)) -> d++ :: else -> break od;
       if :: d == N -> printf("%d persists up to the trim\n", me); persisted = persisted | (1 << me);
               if :: has(SUB, me) -> logged[me] = (logged[me] | reached[next]) & ~cut[next] :: else fi
          :: else fi; d = 0 }
  :: d_step { !total && next != 0 && has(up & members[next], me) && (up & members[next] & ~persisted) == 0 && mayDecide ->
       printf("%d acts, and view %d comes into force\n", me, next);
       committed = committed | reached[next]; installed[me] = installed[me] | (1 << next); current = next; next = 0; persisted = 0 }
  :: d_step { !total && has(up & members[current], me) && !has(installed[me], current) && next == 0 ->
       installed[me] = installed[me] | (1 << current) }
  :: atomic { !total && views < VIEWS && me == 0 -> dieAll() }
  od
}

/* ---- a restart ---- */
byte v, d, best, ok, founding, mine;

/* the view of a restart that a disk which is there has never recorded was never used */
inline refute() {
  d = 0;
  do
  :: d < N ->
     if :: has(present & members[v], d) && domain[v] == v && v != 0 && !has(recorded[d], v) -> ok = 0 :: else fi;
     d++
  :: else -> break
  od
}

inline plan() {
  best = 255; v = 0;
  do
  :: v < views ->
     ok = 0; d = 0;
     do
     :: d < N ->
        if :: has(present, d) && (has(recorded[d], v) || has(installed[d], v)) -> ok = 1 :: else fi;
        d++
     :: else -> break
     od;
     if :: ok -> refute() :: else fi;
     if :: ok && (best == 255 || restarts[v] >= restarts[best]) -> best = v :: else fi;
     v++
  :: else -> break
  od;
  ok = (best != 255);
  if :: ok && !enough(members[best]) -> ok = 0 :: else fi;
  /* of two restarts that know nothing of each other, all disks have to tell */
  v = 0;
  do
  :: v < views && ok ->
     d = 0;
     do :: d < N && !(has(present, d) && has(recorded[d], v)) -> d++ :: else -> break od;
     if :: d < N && restarts[v] == restarts[best] && domain[v] != domain[best] && domain[v] == v &&
           (present & members[v]) != members[v] -> ok = 0 :: else fi;
     v++
  :: else -> break
  od;
  mine = 0; d = 0;
  do :: d < N -> if :: ok && has(present, d) && has(installed[d], best) -> mine = 1 :: else fi; d++ :: else -> break od;
#ifndef SINGLE_HOST
  if :: ok && !mine && best != 0 && !enough(members[before[best]]) -> ok = 0 :: else fi;
#endif
  /* the logs */
  founding = 0; mine = 0; d = 0;
  do
  :: d < N && ok ->
     if
     :: has(present & SUB & (members[best] | members[before[best]]), d) ->
#ifdef SHORTEST_LOG
        if :: mine == 0 || (logged[d] & ~cut[best]) < founding -> founding = logged[d] & ~cut[best] :: else fi;
#else
        if :: (logged[d] & ~cut[best]) > founding -> founding = logged[d] & ~cut[best] :: else fi;
#endif
        mine = 1
     :: else
     fi;
     d++
  :: else -> break
  od;
  if :: ok && replicas(best) != 0 && (present & replicas(best)) == 0 -> ok = 0 :: else fi;
  if :: ok && replicas(best) == 0 && (present & replicas(before[best])) == 0 -> ok = 0 :: else fi;
  if :: ok && (founding & reached[best]) != reached[best] && (present & replicas(before[best])) != replicas(before[best]) -> ok = 0 :: else fi
}

active proctype restarter() {
  byte who;
  do
  :: atomic { total && views < VIEWS && restart == 0 ->
       who = 1; do :: who < all -> who++ :: break od;
       present = who; plan();
       if
       :: ok ->
          restart = views; views++;
          members[restart] = who; before[restart] = best; domain[restart] = restart; restarts[restart] = restarts[best] + 1;
          reached[restart] = founding; cut[restart] = (1 << restart) - 1 - founding;
          printf("restart %d with %d, from view %d, logs %d\n", restart, who, best, founding);
          d = 0; do :: d < N -> if :: has(who & SUB, d) -> logged[d] = founding :: else fi; d++ :: else -> break od
       :: else -> present = 0
       fi;
       v = 0; d = 0; best = 0; ok = 0; mine = 0; founding = 0; who = 0 }
  /* the record, disk by disk; all may die in between */
  :: atomic { restart != 0 ->
       who = 0; do :: who < N && !(has(present, who) && !has(recorded[who], restart)) -> who++ :: else -> break od;
       if
       :: who < N -> printf("%d records the restart %d\n", who, restart); recorded[who] = recorded[who] | (1 << restart)
       :: who < N && who + 1 < N && has(present, who + 1) && !has(recorded[who + 1], restart) ->
          printf("%d records the restart %d\n", who + 1, restart); recorded[who + 1] = recorded[who + 1] | (1 << restart)
       :: else -> skip
       fi; who = 0 }
  :: atomic { restart != 0 && views < VIEWS -> dieAll() }
  :: atomic { restart != 0 && isRecorded ->
       printf("restart %d is in force\n", restart);
       lost = (committed & ~reached[restart]) != 0;
       assert(!lost);
       current = restart; up = present; restart = 0; present = 0; next = 0; total = false; crashes = 0 }
  od
}

init {
  atomic {
    members[0] = all;
    d = 0; do :: d < N -> installed[d] = 1; recorded[d] = 1; d++ :: else -> break od; d = 0;
    run member(0); run member(1); run member(2)
  }
}
