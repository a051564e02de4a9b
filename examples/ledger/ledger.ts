import type { Transfer } from './generated/ledger.js';

export const accounts = 100;
export const openingBalance = 1000;
export const clerks = 3;

/** What all transfers together have come to. */
export interface Ledger {
  /** In cents, by account. */
  readonly balances: readonly number[];
  /** The number of the last transfer of each clerk. */
  readonly last: readonly number[];
  /** Transfers for which the payer had too little. */
  readonly refused: number;
}

export const opened: Ledger = {
  balances: Array<number>(accounts).fill(openingBalance),
  last: Array<number>(clerks).fill(0),
  refused: 0,
};

/**
 * The ledger after one more transfer. Each clerk numbers its transfers: one that is missing, or comes twice, would be an error of Bowecho, and is thrown, at
 * every member alike.
 */
export function book(ledger: Ledger, { clerk, number, payer, payee, amount }: Transfer): Ledger {
  const before = ledger.last[clerk]!;
  if (number !== before + 1)
    throw new Error(`transfer ${number} of clerk ${clerk} follows its transfer ${before}`);
  const last = ledger.last.with(clerk, number);
  if (ledger.balances[payer]! < amount) return { ...ledger, last, refused: ledger.refused + 1 };
  const balances = [...ledger.balances];
  balances[payer]! -= amount;
  balances[payee]! += amount;
  return { ...ledger, balances, last };
}

export function totalOf({ balances }: Ledger): number {
  return balances.reduce((sum, balance) => sum + balance, 0);
}
