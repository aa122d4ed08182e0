# SPDX-License-Identifier: Apache-2.0
#
# services.sandglass: the server, or a front, as a systemd service that has only the rights it
# uses. The flake applies this to itself for the default package; docs/nix.md has the options in a
# table and says why the unit is as it is.
self:
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkIf mkOption types;
  cfg = config.services.sandglass;

  isFront = (cfg.settings.UPSTREAM_URL or null) != null;
  isLocal = !isFront && lib.elem cfg.executionMode [ "auto" "local" ];
  isDocker = !isFront && cfg.executionMode == "docker";
  isV6 = lib.hasInfix ":" cfg.listenAddress;
  isLoopback =
    lib.hasPrefix "127." cfg.listenAddress || lib.elem cfg.listenAddress [ "::1" "localhost" ];

  # Variables that an option of the module sets, and secrets, which are not for the world-readable
  # store; each with what to use instead.
  reserved = {
    LISTEN = "listenAddress and port";
    EXECUTION_MODE = "executionMode";
    DATASETS_PATH = "datasetsPath";
    STATE_PATH = "stateDirectory";
    ACCESS_TOKEN = "accessTokenFile";
    ACCESS_TOKEN_FILE = "accessTokenFile";
    LLM_PROVIDER = "llm.provider";
    LLM_BASE_URL = "llm.baseUrl";
    LLM_MODEL = "llm.model";
    LLM_API_KEY = "llm.apiKeyFile";
    LLM_API_KEY_FILE = "llm.apiKeyFile";
  };

  # As the program reads it, and with systemd's specifiers escaped.
  textOf =
    value:
    if value == true then
      "1"
    else if value == false then
      "0"
    else
      lib.replaceStrings [ "%" ] [ "%%" ] (toString value);

  credentials =
    lib.optional (cfg.accessTokenFile != null) "access-token:${cfg.accessTokenFile}"
    ++ lib.optional (cfg.llm.apiKeyFile != null) "llm-api-key:${cfg.llm.apiKeyFile}";

  own = {
    LISTEN = "${if isV6 then "[${cfg.listenAddress}]" else cfg.listenAddress}:${toString cfg.port}";
    EXECUTION_MODE = cfg.executionMode;
    DATASETS_PATH = if cfg.datasetsPath == null then null else "${cfg.datasetsPath}";
    STATE_PATH = "/var/lib/${cfg.stateDirectory}";
    LLM_PROVIDER = cfg.llm.provider;
    LLM_BASE_URL = cfg.llm.baseUrl;
    LLM_MODEL = cfg.llm.model;
  };

  environment =
    lib.mapAttrs (_: textOf) (lib.filterAttrs (_: value: value != null) (own // cfg.settings))
    // lib.optionalAttrs (cfg.accessTokenFile != null) { ACCESS_TOKEN_FILE = "%d/access-token"; }
    // lib.optionalAttrs (cfg.llm.apiKeyFile != null) { LLM_API_KEY_FILE = "%d/llm-api-key"; };

  # What every mode has in common.
  confinement = {
    DynamicUser = true;
    StateDirectory = cfg.stateDirectory;
    StateDirectoryMode = "0700";
    UMask = "0077";
    # A port below 1024 is all that needs a right.
    AmbientCapabilities = lib.optional (cfg.port < 1024) "CAP_NET_BIND_SERVICE";
    CapabilityBoundingSet = if cfg.port < 1024 then "CAP_NET_BIND_SERVICE" else "";
    NoNewPrivileges = true;
    LockPersonality = true;
    MemoryDenyWriteExecute = true;
    PrivateDevices = true;
    PrivateMounts = true;
    PrivateTmp = true;
    ProcSubset = "all"; # mountinfo and cgroup are looked at
    ProtectClock = true;
    ProtectHome = true;
    ProtectKernelLogs = true;
    ProtectKernelModules = true;
    ProtectKernelTunables = true;
    ProtectProc = "invisible";
    ProtectSystem = "strict";
    RemoveIPC = true;
    RestrictAddressFamilies = [
      "AF_INET"
      "AF_INET6"
      "AF_UNIX"
    ];
    RestrictRealtime = true;
    RestrictSUIDSGID = true;
    SystemCallArchitectures = "native";
    SystemCallErrorNumber = "EPERM";
  };

  # A later line takes away from an earlier one, or adds to it.
  callFilter = [
    "@system-service"
    "~@privileged @resources"
    "prlimit64"
  ];

  # A server whose sandboxes are elsewhere, or a front, makes no namespace and no control group.
  withoutSandbox = {
    ProtectControlGroups = true;
    ProtectHostname = true;
    RestrictNamespaces = true;
    SystemCallFilter = callFilter;
  };

  # A local sandbox is built by the service itself, out of what an unprivileged process may do:
  # namespaces of seven kinds, mounts and a host name inside of them, Landlock, and a control group
  # for each run below the service's own, which is handed to it.
  withSandbox = {
    Delegate = "cpu memory pids";
    ProtectControlGroups = false;
    ProtectHostname = false;
    RestrictNamespaces = "user pid net mnt ipc uts cgroup";
    SystemCallFilter = callFilter ++ [
      "capset mount pivot_root sethostname umount2"
      "landlock_add_rule landlock_create_ruleset landlock_restrict_self"
    ];
  };

  text = description: mkOption {
    type = types.nullOr types.str;
    default = null;
    inherit description;
  };

  secret = description: mkOption {
    type = types.nullOr types.str;
    default = null;
    example = "/run/secrets/sandglass-token";
    description = "${description} It is read by systemd and handed over as a credential: neither the store nor another user sees it.";
  };
in
{
  options.services.sandglass = {
    enable = lib.mkEnableOption "Sandglass, which answers questions to data, each in its own sandbox";

    package = mkOption {
      type = types.package;
      default = self.packages.${pkgs.stdenv.hostPlatform.system}.default;
      defaultText = lib.literalExpression "sandglass.packages.\${system}.default";
      description = "The package with `bin/app` and the bundled data sets.";
    };

    listenAddress = mkOption {
      type = types.str;
      default = "127.0.0.1";
      example = "0.0.0.0";
      description = "The IP address to listen on. Any but a loopback one needs {option}`accessTokenFile`.";
    };

    port = mkOption {
      type = types.port;
      default = 8080;
      description = "The port to listen on.";
    };

    openFirewall = mkOption {
      type = types.bool;
      default = false;
      description = "Whether other machines may reach the port.";
    };

    executionMode = mkOption {
      type = types.enum [ "auto" "local" "docker" "k8s" ];
      default = "local";
      description = "What a sandbox is: a locked-down process, a container of this machine's Docker, or a Pod of the cluster that `settings.KUBECONFIG` names.";
    };

    datasetsPath = mkOption {
      type = types.nullOr types.path;
      default = null;
      example = "/srv/tables";
      description = "The folder of data sets; null for the bundled ones. The service's user must be able to read it.";
    };

    stateDirectory = mkOption {
      type = types.strMatching "[A-Za-z0-9_.-]+";
      default = "sandglass";
      description = "The folder below `/var/lib` that keeps conversations and runs.";
    };

    accessTokenFile = secret "The file with the token that every request must carry.";

    llm = {
      provider = mkOption {
        type = types.nullOr (types.enum [ "openai" "anthropic" "ollama" ]);
        default = null;
        description = "The provider of a language model; null for none.";
      };
      baseUrl = text "The base URL of its API; null for the provider's own.";
      model = text "The name of the model.";
      apiKeyFile = secret "The file with the API key.";
    };

    settings = mkOption {
      type = types.attrsOf (types.nullOr (types.oneOf [ types.bool types.int types.float types.str ]));
      default = { };
      example = lib.literalExpression ''
        {
          MAX_ROWS = 1000;
          RUN_CPUS = 2;
          SANDBOX_STRICT = true;
          ALLOWED_HOSTS = "data.example.org";
        }
      '';
      description = "Further settings, by the names of their environment variables (`app serve --help`). With UPSTREAM_URL the service is a front.";
    };
  };

  config = mkIf cfg.enable {
    assertions =
      lib.mapAttrsToList (name: instead: {
        assertion = !(cfg.settings ? ${name});
        message = "services.sandglass.settings.${name}: use services.sandglass.${instead} instead.";
      }) reserved
      ++ map
        (name: {
          assertion = builtins.match "[A-Z][A-Z0-9_]*" name != null;
          message = "services.sandglass.settings.${name}: a setting is spelt like an environment variable, as in MAX_ROWS.";
        })
        (lib.attrNames cfg.settings)
      ++ map
        (file: {
          assertion = file == null || (lib.hasPrefix "/" file && !lib.hasPrefix builtins.storeDir file);
          message = "services.sandglass: the secret ${toString file} must be an absolute path outside of the store, which everybody can read.";
        })
        [ cfg.accessTokenFile cfg.llm.apiKeyFile ]
      ++ [
        {
          assertion = isLoopback || isFront || cfg.accessTokenFile != null;
          message = "services.sandglass: listening on ${cfg.listenAddress} lets other machines in, so accessTokenFile must be set.";
        }
        {
          assertion = !isLocal || config.security.allowUserNamespaces;
          message = "services.sandglass: local sandboxes need security.allowUserNamespaces, or another executionMode.";
        }
        {
          assertion = !isDocker || config.virtualisation.docker.enable || cfg.settings ? DOCKER_HOST;
          message = "services.sandglass: executionMode docker needs virtualisation.docker.enable or settings.DOCKER_HOST.";
        }
      ];

    networking.firewall.allowedTCPPorts = mkIf cfg.openFirewall [ cfg.port ];

    systemd.services.sandglass = {
      description = "Sandglass";
      wantedBy = [ "multi-user.target" ];
      wants = [ "network-online.target" ];
      after = [ "network-online.target" ] ++ lib.optional isDocker "docker.socket";
      inherit environment;
      serviceConfig =
        confinement
        // (if isLocal then withSandbox else withoutSandbox)
        // {
          Type = "exec";
          ExecStart = "${cfg.package}/bin/app serve";
          LoadCredential = credentials;
          SupplementaryGroups = lib.optional isDocker "docker";
          Restart = "on-failure";
          RestartSec = 2;
          RestartPreventExitStatus = 2; # a setting is wrong: trying again will not mend it
          # The server ends its sandboxes itself, once what is under way has had its time.
          KillMode = "mixed";
          TimeoutStopSec = 10 + (cfg.settings.RUN_TIMEOUT_MS or 5000) / 1000;
        };
    };
  };
}
