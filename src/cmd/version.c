// SPDX-License-Identifier: Apache-2.0
//
// `app version`: what this is made of.
#include <stdio.h>

#include "base/hash.h"
#include "cmd/house.h"
#include "net/http.h"

static int run(const struct settings *settings) {
    (void)settings;
    printf("Sandglass %s\n%s, %s, %s, %s, cJSON %s\n", VERSION, dataset_library(), net_library(),
           hash_library(), web_library(), cJSON_Version());
    return 0;
}

const struct command command_version = {
    .name = "version",
    .mask = FOR_HELP,
    .synopsis = "",
    .summary = "the version, and those of the libraries inside",
    .description =
        "Prints the version of the program and of the libraries that are linked into it.",
    .statuses = "0.",
    .run = run,
};
