// SPDX-License-Identifier: Apache-2.0
//
// See plugin.h. The server has threads, so the plugin is spawned, in a process group of its own
// that is ended as a whole where it takes too long.
#include "kube/plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/str.h"

#define PLUGIN_LIMIT_MS 60000
#define MAX_WORDS 128 // arguments, and variables

extern char **environ;

struct plugin {
    char *words[MAX_WORDS + 2];
    char **environment; // texts that are owned, ended by NULL
    int out_fd, log_fd;
    pid_t pid;
    struct buf out, log;
};

void kube_plugin_answer_done(struct kube_plugin_answer *answer) {
    free(answer->token);
    free(answer->certificate);
    free(answer->key);
    *answer = (struct kube_plugin_answer){0};
}

static void plugin_done(struct plugin *plugin) {
    for (char **at = plugin->environment; at && *at; at++)
        free(*at);
    free(plugin->environment);
    fd_close(&plugin->out_fd);
    fd_close(&plugin->log_fd);
    buf_done(&plugin->out);
    buf_done(&plugin->log);
}

int64_t kube_time_ms(const char *text) {
    struct tm time = {0};
    int used = 0, offset_hours = 0, offset_minutes = 0;
    char sign = 'Z';
    if (!text || sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &time.tm_year, &time.tm_mon,
                        &time.tm_mday, &time.tm_hour, &time.tm_min, &time.tm_sec, &used) != 6)
        return 0;
    const char *at = text + used;
    if (*at == '.')
        at += 1 + strspn(at + 1, "0123456789");
    if (*at != 'Z' && *at != 'z' &&
        sscanf(at, "%c%2d:%2d", &sign, &offset_hours, &offset_minutes) != 3)
        return 0;
    time.tm_year -= 1900;
    time.tm_mon -= 1;
    int64_t offset_s = (offset_hours * 60 + offset_minutes) * 60;
    return ((int64_t)timegm(&time) - (sign == '-' ? -offset_s : offset_s)) * 1000;
}

// ---- What it is given ---------------------------------------------------------------------------

static json *describe_cluster(const struct kube_config *config) {
    json *cluster = cJSON_CreateObject();
    json_add_text(cluster, "server", config->server);
    if (config->tls_name)
        json_add_text(cluster, "tls-server-name", config->tls_name);
    if (config->proxy)
        json_add_text(cluster, "proxy-url", config->proxy);
    if (config->is_insecure)
        json_add_bool(cluster, "insecure-skip-tls-verify", true);
    if (config->authorities) {
        cleanup_free char *encoded = base64_encode(config->authorities);
        json_add_text(cluster, "certificate-authority-data", encoded);
    }
    return cluster;
}

static char *describe(const struct kube_config *config) {
    cleanup_json json *info = cJSON_CreateObject();
    json_add_text(info, "apiVersion", json_text(config->exec, "apiVersion"));
    json_add_text(info, "kind", "ExecCredential");
    json *spec = json_add_object(info, "spec");
    json_add_bool(spec, "interactive", false);
    if (json_bool(config->exec, "provideClusterInfo", false))
        json_add(spec, "cluster", describe_cluster(config));
    cleanup_free char *text = json_write(info);
    return mem_format("KUBERNETES_EXEC_INFO=%s", text);
}

static bool is_same_variable(const char *left, const char *right) {
    size_t length = strcspn(left, "=");
    return strncmp(left, right, length + 1) == 0;
}

static void set_variable(struct plugin *plugin, size_t *count, char *text) {
    for (size_t i = 0; i < *count; i++)
        if (is_same_variable(text, plugin->environment[i])) {
            free(plugin->environment[i]);
            plugin->environment[i] = text;
            return;
        }
    plugin->environment[(*count)++] = text;
}

// Our own environment, then what the kubeconfig adds, then what the protocol wants.
static void make_environment(struct plugin *plugin, const struct kube_config *config) {
    const json *added = cJSON_GetObjectItemCaseSensitive(config->exec, "env"), *one;
    size_t count = 0, own = 0;
    while (environ[own])
        own++;
    plugin->environment =
        mem_zero(own + (size_t)cJSON_GetArraySize(added) + 2, sizeof *plugin->environment);
    for (size_t i = 0; i < own; i++)
        set_variable(plugin, &count, mem_text(environ[i]));
    cJSON_ArrayForEach (one, added) {
        const char *name = json_text(one, "name"), *value = json_text(one, "value");
        if (!str_is_empty(name))
            set_variable(plugin, &count, mem_format("%s=%s", name, value ? value : ""));
    }
    set_variable(plugin, &count, describe(config));
}

static int make_words(struct plugin *plugin, const json *exec, struct err *err) {
    const json *word;
    size_t count = 0;
    plugin->words[count++] = (char *)json_text(exec, "command");
    cJSON_ArrayForEach (word, cJSON_GetObjectItemCaseSensitive(exec, "args")) {
        if (count > MAX_WORDS || !cJSON_IsString(word))
            return err_set(err, ERR_BAD_REQUEST,
                           "the credential plugin's args must be at most %d texts", MAX_WORDS);
        plugin->words[count++] = word->valuestring;
    }
    return 0;
}

// interactiveMode has no default in v1; without a terminal "Always" cannot be.
static int check(const json *exec, struct err *err) {
    const char *version = json_text(exec, "apiVersion"), *mode = json_text(exec, "interactiveMode"),
               *command = json_text(exec, "command");
    if (str_is_empty(command))
        return err_set(err, ERR_BAD_REQUEST, "the kubeconfig's credential plugin has no command");
    if (!str_is_equal(version, "client.authentication.k8s.io/v1") &&
        !str_is_equal(version, "client.authentication.k8s.io/v1beta1"))
        return err_set(err, ERR_BAD_REQUEST,
                       "the credential plugin %s speaks \"%.80s\"; "
                       "client.authentication.k8s.io/v1 and v1beta1 are spoken here",
                       command, version ? version : "");
    bool is_v1 = str_has_suffix(version, "/v1");
    if (is_v1 && str_is_empty(mode))
        return err_set(err, ERR_BAD_REQUEST, "the credential plugin %s has no interactiveMode",
                       command);
    if (str_is_equal(mode, "Always"))
        return err_set(err, ERR_BAD_REQUEST,
                       "the credential plugin %s wants a terminal, and a server has none", command);
    return 0;
}

// ---- Running it ---------------------------------------------------------------------------------

static int spawn(struct plugin *plugin, const json *exec, struct err *err) {
    int out[2], log[2];
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    if (pipe2(out, O_CLOEXEC) < 0)
        return err_set_errno(err, errno, "cannot make a pipe");
    plugin->out_fd = out[0];
    if (pipe2(log, O_CLOEXEC) < 0) {
        close(out[1]);
        return err_set_errno(err, errno, "cannot make a pipe");
    }
    plugin->log_fd = log[0];
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, log[1], STDERR_FILENO);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    int status = posix_spawnp(&plugin->pid, plugin->words[0], &actions, &attributes, plugin->words,
                              plugin->environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    close(out[1]);
    close(log[1]);
    if (status == 0)
        return 0;
    const char *hint = json_text(exec, "installHint");
    err_set(err, ERR_UNAVAILABLE, "the credential plugin %s does not start: %s", plugin->words[0],
            strerror(status));
    return str_is_empty(hint) ? err->code : err_hint(err, "%.240s", hint);
}

static void take(int *fd, struct buf *buf) {
    char chunk[4096];
    ssize_t got = read(*fd, chunk, sizeof chunk);
    if (got == 0 || (got < 0 && errno != EINTR))
        fd_close(fd);
    if (got > 0)
        buf_add(buf, chunk, (size_t)got);
}

static int follow(struct plugin *plugin, struct err *err) {
    int64_t deadline_us = clock_monotonic_us() + PLUGIN_LIMIT_MS * 1000LL;
    int status = 0;
    while (plugin->out_fd >= 0) {
        struct pollfd fds[] = {{.fd = plugin->out_fd, .events = POLLIN},
                               {.fd = plugin->log_fd, .events = POLLIN}};
        int64_t left_ms = (deadline_us - clock_monotonic_us()) / 1000;
        if (left_ms <= 0) {
            kill(-plugin->pid, SIGKILL);
            break;
        }
        poll(fds, ARRAY_LENGTH(fds), (int)left_ms);
        if (fds[0].revents)
            take(&plugin->out_fd, &plugin->out);
        if (fds[1].revents)
            take(&plugin->log_fd, &plugin->log);
    }
    bool was_late = plugin->out_fd >= 0;
    while (waitpid(plugin->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (was_late)
        return err_set(err, ERR_UNAVAILABLE, "the credential plugin %s took longer than %d s",
                       plugin->words[0], PLUGIN_LIMIT_MS / 1000);
    if (status == 0)
        return 0;
    const char *log = buf_text(&plugin->log);
    size_t length = plugin->log.length;
    return err_set(err, ERR_UNAVAILABLE, "the credential plugin %s failed: %.200s",
                   plugin->words[0],
                   length ? log + (length > 200 ? length - 200 : 0) : "it says nothing");
}

static int read_answer(const struct plugin *plugin, struct kube_plugin_answer *ret_answer,
                       struct err *err) {
    cleanup_json json *object = NULL;
    int status = json_parse(buf_text(&plugin->out), plugin->out.length, &object, err);
    if (status)
        return err_prefix(err, "what the credential plugin %s prints", plugin->words[0]);
    const json *answer = cJSON_GetObjectItemCaseSensitive(object, "status");
    struct kube_plugin_answer read = {
        .token = mem_text(json_text(answer, "token")),
        .certificate = mem_text(json_text(answer, "clientCertificateData")),
        .key = mem_text(json_text(answer, "clientKeyData")),
        .expires_ms = kube_time_ms(json_text(answer, "expirationTimestamp"))};
    if (!read.token && !(read.certificate && read.key)) {
        kube_plugin_answer_done(&read);
        return err_set(err, ERR_UNAVAILABLE,
                       "the credential plugin %s gives neither a token nor a certificate with key",
                       plugin->words[0]);
    }
    *ret_answer = read;
    return 0;
}

int kube_plugin_run(const struct kube_config *config, struct kube_plugin_answer *ret_answer,
                    struct err *err) {
    struct plugin plugin cleanup(plugin_done) = {
        .out_fd = -1, .log_fd = -1, .out = BUF(LIMIT_EXEC_OUTPUT), .log = BUF(LIMIT_RUN_LOG)};
    int status = check(config->exec, err);
    if (status == 0)
        status = make_words(&plugin, config->exec, err);
    if (status)
        return status;
    make_environment(&plugin, config);
    status = spawn(&plugin, config->exec, err);
    if (status == 0)
        status = follow(&plugin, err);
    return status ? status : read_answer(&plugin, ret_answer, err);
}
