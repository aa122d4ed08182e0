# SPDX-License-Identifier: Apache-2.0
#
# The functions of nixpkgs' lib that our files use, and as much of its module system as they need:
# options with types, defaults and merging, mkIf, and an error for what no option declares. Their
# meaning is that of the nixpkgs manual; the text is our own.
let
  inherit (builtins)
    all
    any
    attrNames
    attrValues
    concatLists
    concatStringsSep
    elem
    elemAt
    filter
    foldl'
    head
    isAttrs
    isBool
    isFloat
    isFunction
    isInt
    isList
    isPath
    isString
    length
    listToAttrs
    map
    match
    stringLength
    substring
    ;

  mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
  optional = condition: value: if condition then [ value ] else [ ];
  last = list: elemAt list (length list - 1);
  isDerivation = value: isAttrs value && value.type or null == "derivation";

  # ---- Types: a name, a check, and how several definitions become one

  one = name: check: {
    inherit name check;
    merge =
      path: values:
      if all (value: value == head values) values then
        head values
      else
        throw "The option `${path}' has conflicting definitions";
  };

  types = rec {
    bool = one "boolean" isBool;
    int = one "signed integer" isInt;
    float = one "floating point number" isFloat;
    str = one "string" isString;
    port = one "16 bit unsigned integer" (value: isInt value && value >= 0 && value <= 65535);
    path = one "path" (value: isPath value || isDerivation value || (isString value && substring 0 1 value == "/"));
    package = one "package" isDerivation;
    enum = values: one "one of ${concatStringsSep ", " values}" (value: elem value values);
    strMatching = pattern: one "string matching ${pattern}" (value: isString value && match pattern value != null);
    nullOr = type: type // {
      name = "null or ${type.name}";
      check = value: value == null || type.check value;
      merge = path: values: if all (value: value == null) values then null else type.merge path values;
    };
    oneOf = choices: one (concatStringsSep " or " (map (type: type.name) choices)) (value: any (type: type.check value) choices);
    listOf = type: {
      name = "list of ${type.name}";
      check = value: isList value && all type.check value;
      merge = _: concatLists;
    };
    attrsOf = type: {
      name = "attribute set of ${type.name}";
      check = isAttrs;
      merge =
        path: values:
        builtins.mapAttrs (name: found: mergeChecked type "${path}.${name}" found) (
          builtins.zipAttrsWith (_: found: found) values
        );
    };
    anything = one "anything" (_: true);
  };

  mergeChecked =
    type: path: values:
    let
      wrong = filter (value: !type.check value) values;
    in
    if wrong == [ ] then
      type.merge path values
    else
      throw "A definition for option `${path}' is not of type `${type.name}': ${builtins.toJSON (head wrong)}";

  # ---- Modules

  isOption = value: isAttrs value && value._type or null == "option";

  # A definition is a value and the conditions around it. They are looked at last, as they may ask
  # for what other options are.
  unwrap =
    definition:
    if isAttrs definition.value && definition.value._type or null == "if" then
      unwrap {
        value = definition.value.content;
        conditions = definition.conditions ++ [ definition.value.condition ];
      }
    else
      definition;

  evalOption =
    path: option: definitions:
    let
      values = map (definition: definition.value) (
        filter (definition: all (condition: condition) definition.conditions) definitions
      );
    in
    if values != [ ] then
      mergeChecked option.type path values
    else if option ? default then
      mergeChecked option.type path [ option.default ]
    else
      throw "The option `${path}' is used but not defined";

  evalTree =
    path: declared: definitions:
    let
      found = map unwrap definitions;
      unknown = filter (name: !(declared ? ${name})) (
        concatLists (map (definition: attrNames definition.value) found)
      );
      below =
        name:
        map unwrap (
          concatLists (
            map (
              definition:
              optional (definition.value ? ${name}) {
                value = definition.value.${name};
                inherit (definition) conditions;
              }
            ) found
          )
        );
      pathOf = name: if path == "" then name else "${path}.${name}";
      evaluate = name: value: (if isOption value then evalOption else evalTree) (pathOf name) value (below name);
    in
    if unknown == [ ] then
      builtins.mapAttrs evaluate declared
    else
      throw "The option `${pathOf (head unknown)}' does not exist";

  joinOptions = left: right:
    left
    // builtins.mapAttrs (
      name: value: if left ? ${name} && !isOption value then joinOptions left.${name} value else value
    ) right;

  evalModules =
    { modules, specialArgs }:
    let
      load = module: if isFunction module then module (specialArgs // { inherit config lib; }) else module;
      # A module without `options` and `config` is its configuration.
      collect =
        module:
        let
          it = load module;
          part = if it ? options || it ? config then it else { config = removeAttrs it [ "imports" ]; };
        in
        [ part ] ++ concatLists (map collect (it.imports or [ ]));
      parts = concatLists (map collect modules);
      options = foldl' joinOptions { } (map (part: part.options or { }) parts);
      config = evalTree "" options (
        map (part: {
          value = part.config or { };
          conditions = [ ];
        }) parts
      );
    in
    {
      inherit config options;
    };

  lib = {
    inherit
      attrNames
      attrValues
      concatLists
      elem
      evalModules
      filter
      isOption
      last
      mapAttrsToList
      optional
      types
      ;
    inherit (builtins) mapAttrs replaceStrings;
    concatStrings = concatStringsSep "";
    fetchers.proxyImpureEnvVars = [ "https_proxy" ];
    filterAttrs =
      keeps: set:
      listToAttrs (
        concatLists (mapAttrsToList (name: value: optional (keeps name value) { inherit name value; }) set)
      );
    findFirst =
      fits: otherwise: list:
      let
        found = filter fits list;
      in
      if found == [ ] then otherwise else head found;
    genAttrs = names: make: listToAttrs (map (name: { inherit name; value = make name; }) names);
    getExe = package: "${package}/bin/${package.meta.mainProgram}";
    hasInfix = part: text: length (builtins.split (builtins.replaceStrings [ "." ] [ "[.]" ] part) text) > 1;
    hasPrefix = prefix: text: substring 0 (stringLength prefix) text == prefix;
    importJSON = path: builtins.fromJSON (builtins.readFile path);
    licenses.asl20.spdxId = "Apache-2.0";
    literalExpression = text: {
      _type = "literalExpression";
      inherit text;
    };
    mkEnableOption = what: lib.mkOption {
      type = types.bool;
      default = false;
      description = "Whether to enable ${what}.";
    };
    mkIf = condition: content: {
      _type = "if";
      inherit condition content;
    };
    optionalAttrs = condition: set: if condition then set else { };
    mkOption = option: option // { _type = "option"; };
    splitString = separator: text: filter isString (builtins.split separator text);
  };
in
lib
