// SPDX-License-Identifier: Apache-2.0
//
// `app token`: the access token of the server with this state folder, for whoever may read that.
#include <stdio.h>

#include "base/str.h"
#include "cmd/house.h"
#include "cmd/identity.h"

static int find_token(const struct settings *settings, char **ret_token, struct err *err) {
    cleanup_free char *state = house_state(settings);
    int status = house_token(settings, ret_token, err);
    if (status || *ret_token)
        return status;
    status = house_own_token(state, false, ret_token, err);
    if (status != ERR_NOT_FOUND)
        return status;
    err_set(err, ERR_NOT_FOUND, "there is no access token in the state folder %.300s", state);
    return err_hint(err, "A server makes one when it first listens to other machines; --state "
                         "names its folder.");
}

static int run(const struct settings *settings) {
    struct err err = {0};
    cleanup_free char *token = NULL;
    int status = identity_take(settings, &err);
    if (status == 0)
        status = find_token(settings, &token, &err);
    if (status)
        return house_complain("token", &err, status == ERR_BAD_REQUEST ? 2 : 1);
    if (str_is_empty(settings->url))
        puts(token);
    else
        printf("%s%s#token=%s\n", settings->url, str_has_suffix(settings->url, "/") ? "" : "/",
               token);
    return 0;
}

const struct command command_token = {
    .name = "token",
    .mask = FOR_TOKEN,
    .synopsis = "[OPTION]…",
    .summary = "print the server's access token",
    .description = "Prints the access token that is set, or the one that the server with this "
                   "state folder made for itself when it was told to listen to other machines "
                   "and had none. With --url it is printed as an address to open: what stands "
                   "behind # stays in the browser, which keeps it until its tab is closed.",
    .statuses = "0; 1 there is none, or it cannot be read; 2 the command line is wrong.",
    .examples = "app token\napp token --url http://127.0.0.1:8080/",
    .run = run,
};
