// SPDX-License-Identifier: Apache-2.0
// Amounts as Kubernetes writes them: 500m, 64Mi, 1e3.

const factors = { "": 1, n: 1e-9, u: 1e-6, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 };

/** The number that TEXT stands for; NaN where it is none. */
export function quantity(text) {
  const [, digits, unit] = /^([+-]?[0-9.]+(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(String(text)) ?? [];
  return digits === undefined || !(unit in factors) ? NaN : Number(digits) * factors[unit];
}
