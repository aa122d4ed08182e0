# SPDX-License-Identifier: Apache-2.0
#
# Stands in for nixpkgs where there is no network: it has what our Nix files use and nothing else,
# so a name that is misspelt, or new, is an error. What it cannot show is that nixpkgs has those
# names too, and that anything builds.
{
  outputs = _: {
    lib = import ./lib.nix;
    legacyPackages = {
      x86_64-linux = import ./packages.nix "x86_64-linux";
      aarch64-linux = import ./packages.nix "aarch64-linux";
    };
  };
}
