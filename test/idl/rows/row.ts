/** IDL, and the codes that it gets. */
export type Row = readonly [idl: string, ...codes: string[]];
