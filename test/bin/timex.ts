import koffi from 'koffi';

/** `struct timex` of adjtimex(2) as its manual declares it; koffi lays it out as a C compiler does. */
export const timexType = koffi.struct({
  modes: 'unsigned int',
  offset: 'long',
  freq: 'long',
  maxerror: 'long',
  esterror: 'long',
  status: 'int',
  constant: 'long',
  precision: 'long',
  tolerance: 'long',
  time: koffi.struct({ tv_sec: 'long', tv_usec: 'long' }),
  tick: 'long',
  ppsfreq: 'long',
  jitter: 'long',
  shift: 'int',
  stabil: 'long',
  jitcnt: 'long',
  calcnt: 'long',
  errcnt: 'long',
  stbcnt: 'long',
  tai: 'int',
  reserved: koffi.array('int', 11),
});

export interface Timex {
  readonly modes: number;
  readonly offset: number;
  readonly maxerror: number;
  readonly esterror: number;
  readonly status: number;
  readonly tick: number;
}
