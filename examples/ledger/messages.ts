import type { Ledger } from './ledger.js';

/** What a clerk is told when it is started. */
export interface Assignment {
  readonly domain: string;
  readonly clerk: number;
  /** Where its participant keeps its log. */
  readonly storage: string;
  /** Transfers that it orders in all, over all its lives. */
  readonly transfers: number;
}

/** What a clerk says. */
export type Word =
  /** It has come to the state that was left; `last` is what it had ordered. */
  | { readonly kind: 'ready'; readonly last: number }
  /** Its transfers up to that number are booked, on the disk of every replica. */
  | { readonly kind: 'booked'; readonly upTo: number }
  /** The ledger has all transfers of all clerks. */
  | {
      readonly kind: 'done';
      readonly ledger: Ledger;
      readonly digest: string;
      readonly version: string;
      readonly errors: readonly string[];
    }
  | { readonly kind: 'failed'; readonly message: string };

/** What a clerk is told later. */
export type Order = 'begin' | 'leave';
