// SPDX-License-Identifier: Apache-2.0
// A component imports its style sheet by name; the bundler gathers them into one file.
declare module "*.css";
