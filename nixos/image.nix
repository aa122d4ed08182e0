# SPDX-License-Identifier: Apache-2.0
#
# The container image, with the same files as the one that compose/image.sh makes. Everything is
# copied to its place, nothing is linked: no path of the store is in it, and no time but 1970.
{
  pkgs,
  package,
  version,
  revision,
}:
pkgs.dockerTools.buildLayeredImage {
  name = "sandglass";
  tag = version;
  created = "1970-01-01T00:00:01Z";
  includeStorePaths = false;
  fakeRootCommands = ''
    mkdir -p data etc/ssl/certs licences state tmp
    install -m 755 ${package}/bin/app app
    cp -R ${package}/share/sandglass/data/. data/
    cp -R ${package}/share/sandglass/licences/. licences/
    install -m 644 ${../LICENSE} licences/sandglass
    install -m 644 ${pkgs.cacert}/etc/ssl/certs/ca-bundle.crt etc/ssl/certs/ca-certificates.crt
    echo "nobody:x:65534:65534:nobody:/:/sbin/nologin" >etc/passwd
    echo "nobody:x:65534:" >etc/group
    chmod -R u=rwX,go=rX .
    chmod 1777 tmp
    chown 65534:65534 state
  '';
  config = {
    Entrypoint = [ "/app" ];
    Env = [ "STATE_PATH=/state" ];
    User = "65534:65534";
    Labels = {
      "org.opencontainers.image.title" = "Sandglass";
      "org.opencontainers.image.description" = package.meta.description;
      "org.opencontainers.image.licenses" = package.meta.license.spdxId;
      "org.opencontainers.image.version" = version;
      "org.opencontainers.image.revision" = revision;
    };
  };
}
