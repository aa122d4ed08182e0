// SPDX-License-Identifier: Apache-2.0
// What sizes.mjs gives, for the tests.
export interface Sizes {
  first: { named: string[]; files: string[]; bytes: number };
  styleBytes: number;
  /** `files` are those that the part adds to the first load. */
  later: { name: string; files: string[]; bytes: number }[];
  all: string[];
}

export const FIRST_LOAD_CEILING_BYTES: number;
export function sizes(folder: string): Sizes;
