/** What may cross between the bench and its role processes. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
