// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "kube/plugin.h"
#include "tests/unit/check.h"

static struct kube_config config_with(const char *script, const char *mode) {
    const char *path = check_file("plugin", script);
    struct kube_config config = {.server = "https://k", .authorities = "CA"};
    chmod(path, 0700);
    config.exec = cJSON_CreateObject();
    json_add_text(config.exec, "apiVersion", "client.authentication.k8s.io/v1");
    json_add_text(config.exec, "command", path);
    if (mode)
        json_add_text(config.exec, "interactiveMode", mode);
    return config;
}

static struct err refuse(const struct kube_config *config, int code) {
    struct kube_plugin_answer answer;
    struct err err = {0};
    CHECK_INT(kube_plugin_run(config, &answer, &err), code);
    json_free(config->exec);
    return err;
}

TEST(a_plugin_is_told_of_the_cluster_and_gives_a_token_with_its_expiry) {
    struct kube_config config =
        config_with("#!/bin/sh\n"
                    "printf '%s' \"$KUBERNETES_EXEC_INFO\" >\"$WHERE\"\n"
                    "echo '{\"kind\":\"ExecCredential\",\"status\":{\"token\":\"'$1'\","
                    "\"expirationTimestamp\":\"2030-01-02T03:04:05Z\"}}'\n",
                    "IfAvailable");
    json *variable = cJSON_CreateObject();
    char told[200], text[512] = "";
    snprintf(told, sizeof told, "%s/told", check_folder());
    json_add_text(variable, "name", "WHERE");
    json_add_text(variable, "value", told);
    cJSON_AddItemToArray(json_add_array(config.exec, "env"), variable);
    cJSON_AddItemToArray(json_add_array(config.exec, "args"), cJSON_CreateString("abc"));
    json_add_bool(config.exec, "provideClusterInfo", true);
    struct kube_plugin_answer answer;
    struct err err;
    CHECK_OK(kube_plugin_run(&config, &answer, &err), err);
    CHECK_TEXT(answer.token, "abc");
    CHECK_INT(answer.expires_ms, 1893553445000LL);
    FILE *file = fopen(told, "r");
    CHECK(file && fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    CHECK_TEXT(text, "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":"
                     "\"ExecCredential\",\"spec\":{\"interactive\":false,\"cluster\":{\"server\":"
                     "\"https://k\",\"certificate-authority-data\":\"Q0E=\"}}}");
    kube_plugin_answer_done(&answer);
    json_free(config.exec);
}

TEST(a_plugin_that_fails_is_quoted) {
    struct kube_config config =
        config_with("#!/bin/sh\necho 'no such profile' >&2\nexit 3\n", "Never");
    struct err err = refuse(&config, ERR_UNAVAILABLE);
    CHECK(strstr(err.message, "failed: no such profile") != NULL);
}

TEST(a_plugin_that_gives_nothing_or_no_json_is_refused) {
    struct kube_config config = config_with("#!/bin/sh\necho '{\"status\":{}}'\n", "Never");
    struct err err = refuse(&config, ERR_UNAVAILABLE);
    CHECK(strstr(err.message, "neither a token nor a certificate with key") != NULL);
    config = config_with("#!/bin/sh\necho token\n", "Never");
    err = refuse(&config, ERR_BAD_REQUEST);
    CHECK(strstr(err.message, "not valid JSON") != NULL);
}

TEST(a_plugin_that_is_not_there_is_said_to_be_with_its_install_hint) {
    struct kube_config config = config_with("", "Never");
    cJSON_ReplaceItemInObject(config.exec, "command", cJSON_CreateString("no-such-plugin-here"));
    json_add_text(config.exec, "installHint", "Get it from the vendor.");
    struct err err = refuse(&config, ERR_UNAVAILABLE);
    CHECK(strstr(err.message, "no-such-plugin-here does not start") != NULL);
    CHECK_TEXT(err.hint, "Get it from the vendor.");
}

TEST(a_plugin_that_needs_a_terminal_or_says_nothing_of_it_is_refused) {
    struct kube_config config = config_with("", "Always");
    struct err err = refuse(&config, ERR_BAD_REQUEST);
    CHECK(strstr(err.message, "wants a terminal") != NULL);
    config = config_with("", NULL);
    err = refuse(&config, ERR_BAD_REQUEST);
    CHECK(strstr(err.message, "has no interactiveMode") != NULL);
}

TEST(times_are_read_with_their_offset) {
    CHECK_INT(kube_time_ms("1970-01-01T00:00:10Z"), 10000);
    CHECK_INT(kube_time_ms("1970-01-01T01:00:10.25+01:00"), 10000);
    CHECK_INT(kube_time_ms("1969-12-31T23:30:10-00:30"), 10000);
    CHECK_INT(kube_time_ms("tomorrow"), 0);
    CHECK_INT(kube_time_ms(NULL), 0);
}
