// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "kube/config.h"
#include "tests/unit/check.h"

static const char first_file[] =
    "apiVersion: v1\nkind: Config\ncurrent-context: home\n"
    "clusters:\n"
    "- name: house\n"
    "  cluster: {server: 'https://10.0.0.1:6443', certificate-authority-data: Q0E=,"
    " tls-server-name: kube.example, proxy-url: 'http://proxy:3128'}\n"
    "contexts:\n"
    "- name: home\n"
    "  context: {cluster: house, user: me, namespace: garden}\n"
    "- name: away\n"
    "  context: {cluster: office, user: worker}\n"
    "users:\n"
    "- name: me\n"
    "  user: {client-certificate-data: Q0VSVA==, client-key: keys/me.pem}\n"
    "- name: old\n"
    "  user: {auth-provider: {name: gcp}}\n";

static const char second_file[] =
    "current-context: away\n"
    "clusters:\n"
    "- name: house\n"
    "  cluster: {server: 'https://wrong'}\n"
    "- name: office\n"
    "  cluster: {server: 'https://office', insecure-skip-tls-verify: true}\n"
    "contexts:\n"
    "- name: past\n"
    "  context: {cluster: office, user: old}\n"
    "- name: lost\n"
    "  context: {cluster: nowhere, user: me}\n"
    "users:\n"
    "- name: worker\n"
    "  user: {token: secret, tokenFile: token, username: u, password: p}\n";

static const char *both(void) {
    static char paths[400];
    snprintf(paths, sizeof paths, "%s:/not/there:%s", check_file("first", first_file),
             check_file("second", second_file));
    return paths;
}

static struct kube_config load(const char *paths, const char *context) {
    struct kube_config config;
    struct err err;
    CHECK_OK(kube_config_load(paths, context, &config, &err), err);
    return config;
}

static struct err refuse(const char *paths, const char *context, int code) {
    struct kube_config config;
    struct err err = {0};
    CHECK_INT(kube_config_load(paths, context, &config, &err), code);
    return err;
}

TEST(a_kubeconfig_gives_what_its_current_context_names) {
    char folder[200];
    snprintf(folder, sizeof folder, "%s/keys", check_folder());
    mkdir(folder, 0700);
    check_file("keys/me.pem", "KEY");
    struct kube_config config = load(check_file("first", first_file), "");
    CHECK_TEXT(config.server, "https://10.0.0.1:6443");
    CHECK_TEXT(config.authorities, "CA");
    CHECK_TEXT(config.tls_name, "kube.example");
    CHECK_TEXT(config.proxy, "http://proxy:3128");
    CHECK_TEXT(config.name_space, "garden");
    CHECK_TEXT(config.certificate, "CERT");
    CHECK_TEXT(config.key, "KEY"); // from a path that is relative to the file
    CHECK(!config.is_insecure && !config.token && !config.token_file && !config.exec);
    kube_config_done(&config);
}

TEST(of_several_kubeconfigs_the_first_that_says_something_wins) {
    char folder[200];
    snprintf(folder, sizeof folder, "%s/keys", check_folder());
    mkdir(folder, 0700);
    check_file("keys/me.pem", "KEY");
    struct kube_config config = load(both(), NULL);
    CHECK_TEXT(config.server, "https://10.0.0.1:6443");
    kube_config_done(&config);
    config = load(both(), "away");
    CHECK_TEXT(config.server, "https://office");
    CHECK(config.is_insecure);
    CHECK_TEXT(config.token, "secret");
    CHECK(strcmp(config.token_file + strlen(config.token_file) - 6, "/token") == 0);
    CHECK(*config.token_file == '/');
    CHECK_TEXT(config.user, "u");
    CHECK(!config.name_space);
    kube_config_done(&config);
}

TEST(a_kubeconfig_that_does_not_fit_is_refused_by_name) {
    char text[200];
    struct err err = refuse(both(), "elsewhere", ERR_NOT_FOUND);
    CHECK(strstr(err.message, "has no context \"elsewhere\"") != NULL);
    err = refuse(both(), "lost", ERR_NOT_FOUND);
    CHECK(strstr(err.message, "has no cluster \"nowhere\"") != NULL);
    err = refuse(both(), "past", ERR_BAD_REQUEST);
    CHECK(strstr(err.message, "\"auth-provider\", which is not supported here") != NULL);
    err = refuse(both(), "home", ERR_NOT_FOUND);
    CHECK(strstr(err.message, "client-key in the kubeconfig") != NULL);
    err = refuse("/not/there", "", ERR_NOT_FOUND);
    CHECK_TEXT(err.message, "there is no kubeconfig at /not/there");
    snprintf(text, sizeof text, "%s", check_file("none", "clusters: []\n"));
    err = refuse(text, "", ERR_BAD_REQUEST);
    CHECK(strstr(err.message, "names no current-context") != NULL);
    err = refuse(check_file("bad", "a: [\n"), "", ERR_BAD_REQUEST);
    CHECK(strstr(err.message, "not valid YAML at line 2") != NULL);
}

TEST(without_a_kubeconfig_that_of_the_home_folder_is_read) {
    char folder[200];
    snprintf(folder, sizeof folder, "%s/.kube", check_folder());
    mkdir(folder, 0700);
    check_file(".kube/config", "current-context: c\n"
                               "clusters: [{name: k, cluster: {server: 'https://k'}}]\n"
                               "contexts: [{name: c, context: {cluster: k}}]\n");
    setenv("HOME", check_folder(), 1);
    unsetenv("KUBERNETES_SERVICE_HOST");
    struct kube_config config = load("", "");
    CHECK_TEXT(config.server, "https://k");
    kube_config_done(&config);
}

TEST(a_pod_finds_its_cluster_in_what_the_kubelet_mounts) {
    struct kube_config config;
    struct err err;
    check_file("ca.crt", "CA");
    check_file("namespace", "garden");
    CHECK_OK(kube_config_load_account(check_folder(), "10.96.0.1", "443", &config, &err), err);
    CHECK_TEXT(config.server, "https://10.96.0.1:443");
    CHECK_TEXT(config.authorities, "CA");
    CHECK_TEXT(config.name_space, "garden");
    CHECK(strstr(config.token_file, "/token") != NULL);
    kube_config_done(&config);
    CHECK_OK(kube_config_load_account(check_folder(), "fd00::1", "6443", &config, &err), err);
    CHECK_TEXT(config.server, "https://[fd00::1]:6443");
    kube_config_done(&config);
}

TEST(a_credential_plugin_is_found_beside_its_kubeconfig) {
    struct kube_config config =
        load(check_file("plug", "current-context: c\n"
                                "clusters: [{name: k, cluster: {server: 'https://k'}}]\n"
                                "contexts: [{name: c, context: {cluster: k, user: u}}]\n"
                                "users: [{name: u, user: {exec: {apiVersion: "
                                "client.authentication.k8s.io/v1, command: ./bin/who, args: [-a],"
                                " interactiveMode: Never}}}]\n"),
             "");
    char expected[200];
    snprintf(expected, sizeof expected, "%s/./bin/who", check_folder());
    CHECK_TEXT(json_text(config.exec, "command"), expected);
    kube_config_done(&config);
}
