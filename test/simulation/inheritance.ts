import type { ViewRecord } from '../../runtime/membership/view-record.js';
import type { SimulatedDisk } from './disk.js';

/** What one life of a domain leaves to the next. */
export interface Inheritance {
  /** The lives before. */
  readonly life: number;
  /** The view with which the domain begins again; undefined where nothing was ever kept. */
  readonly record: ViewRecord | undefined;
  /** The disks of its members, in rank order. */
  readonly present: readonly SimulatedDisk[];
  readonly absent: readonly SimulatedDisk[];
}
