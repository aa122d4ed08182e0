// SPDX-License-Identifier: Apache-2.0
//
// See config.h. Files are kept apart, each with its folder, and asked in their order: so that the
// first wins, and that a relative path is one from the folder of the file it stands in.
#include "kube/config.h"

#include <stdio.h>

#include "base/base64.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/str.h"
#include "base/yaml.h"

#define ACCOUNT_FOLDER "/var/run/secrets/kubernetes.io/serviceaccount"

struct file {
    char *path, *folder;
    json *content;
};

struct files {
    struct file at[LIMIT_KUBECONFIG_FILES];
    size_t count;
};

struct entry { // a cluster, user or context, and where it stands
    const json *object;
    const struct file *file;
};

void kube_config_done(struct kube_config *config) {
    free(config->server);
    free(config->proxy);
    free(config->tls_name);
    free(config->name_space);
    free(config->authorities);
    free(config->certificate);
    free(config->key);
    free(config->token);
    free(config->token_file);
    free(config->user);
    free(config->password);
    json_free(config->exec);
    free(config->source);
    *config = (struct kube_config){0};
}

static void files_done(struct files *files) {
    for (size_t i = 0; i < files->count; i++) {
        free(files->at[i].path);
        free(files->at[i].folder);
        json_free(files->at[i].content);
    }
}

static const json *member(const json *object, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

// A member that is a text and not empty, copied.
static char *copy_text(const json *object, const char *key) {
    const char *text = json_text(object, key);
    return str_is_empty(text) ? NULL : mem_text(text);
}

static int read_text_file(const char *path, char **ret_text, struct err *err) {
    cleanup_buf struct buf text = BUF(LIMIT_KUBECONFIG);
    int status = fd_read_file(path, &text, err);
    if (status == 0)
        *ret_text = text.length ? buf_take(&text) : mem_text("");
    return status;
}

// ---- Files --------------------------------------------------------------------------------------

static char *folder_of(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? mem_text_n(path, slash == path ? 1 : (size_t)(slash - path)) : mem_text(".");
}

static int read_file(const char *path, struct files *files, struct err *err) {
    cleanup_buf struct buf text = BUF(LIMIT_KUBECONFIG);
    cleanup_json json *content = NULL;
    int status = fd_read_file(path, &text, err);
    if (status == 0)
        status = yaml_parse(buf_text(&text), text.length, &content, err);
    if (status == 0 && !cJSON_IsObject(content))
        status = err_set(err, ERR_BAD_REQUEST, "it is no kubeconfig");
    if (status)
        return status == ERR_NOT_FOUND ? status : err_prefix(err, "the kubeconfig %s", path);
    if (files->count == LIMIT_KUBECONFIG_FILES)
        return err_set(err, ERR_TOO_LARGE, "KUBECONFIG names more than %d files",
                       LIMIT_KUBECONFIG_FILES);
    files->at[files->count++] = (struct file){mem_text(path), folder_of(path), mem_take(content)};
    return 0;
}

// With several files those that are not there are left out, as kubectl does.
static int read_files(const char *paths, struct files *files, struct err *err) {
    for (const char *at = paths; *at;) {
        size_t length = strcspn(at, ":");
        cleanup_free char *path = mem_text_n(at, length);
        at += length + (at[length] == ':');
        int status = length ? read_file(path, files, err) : 0;
        if (status && status != ERR_NOT_FOUND)
            return status;
    }
    if (files->count)
        return 0;
    err_set(err, ERR_NOT_FOUND, "there is no kubeconfig at %s", paths);
    return err_hint(err, "Set KUBECONFIG to the file that kubectl uses.");
}

// The entry of that NAME in the list KIND, whose object is the member INNER.
static int find(const struct files *files, const char *kind, const char *inner, const char *name,
                struct entry *ret_entry, struct err *err) {
    for (size_t i = 0; i < files->count; i++) {
        const json *one;
        cJSON_ArrayForEach (one, member(files->at[i].content, kind)) {
            if (!str_is_equal(json_text(one, "name"), name))
                continue;
            *ret_entry = (struct entry){member(one, inner), &files->at[i]};
            return 0;
        }
    }
    return err_set(err, ERR_NOT_FOUND, "the kubeconfig %s has no %s \"%s\"", files->at[0].path,
                   inner, name);
}

static const char *current_context(const struct files *files) {
    for (size_t i = 0; i < files->count; i++) {
        const char *name = json_text(files->at[i].content, "current-context");
        if (!str_is_empty(name))
            return name;
    }
    return NULL;
}

// ---- What an entry says -------------------------------------------------------------------------

static char *absolute(const struct entry *entry, const char *path) {
    return *path == '/' ? mem_text(path) : path_join(entry->file->folder, path);
}

// KEY-data, base 64, or else the file that KEY names; NULL where there is neither.
static int read_pem(const struct entry *entry, const char *key, char **ret_pem, struct err *err) {
    cleanup_free char *data_key = mem_format("%s-data", key);
    const char *data = json_text(entry->object, data_key), *path = json_text(entry->object, key);
    size_t length;
    int status = 0;
    if (!str_is_empty(data)) {
        status = base64_decode(data, ret_pem, &length, err);
    } else if (!str_is_empty(path)) {
        cleanup_free char *file = absolute(entry, path);
        status = read_text_file(file, ret_pem, err);
    }
    return status ? err_prefix(err, "%s in the kubeconfig %s", key, entry->file->path) : 0;
}

static int read_cluster(const struct entry *entry, struct kube_config *config, struct err *err) {
    config->server = copy_text(entry->object, "server");
    if (!config->server)
        return err_set(err, ERR_BAD_REQUEST, "the kubeconfig %s names no server for its cluster",
                       entry->file->path);
    config->proxy = copy_text(entry->object, "proxy-url");
    config->tls_name = copy_text(entry->object, "tls-server-name");
    config->is_insecure = json_bool(entry->object, "insecure-skip-tls-verify", false);
    return read_pem(entry, "certificate-authority", &config->authorities, err);
}

// A command with a slash in it is a path, one without is looked for in PATH.
static json *copy_exec(const struct entry *entry, const json *exec) {
    json *copy = cJSON_Duplicate(exec, true);
    const char *command = json_text(exec, "command");
    if (command && strchr(command, '/') && *command != '/') {
        cleanup_free char *path = absolute(entry, command);
        cJSON_ReplaceItemInObjectCaseSensitive(copy, "command", cJSON_CreateString(path));
    }
    return copy;
}

static int read_user(const struct entry *entry, struct kube_config *config, struct err *err) {
    static const char *const refused[] = {"auth-provider", "as", "as-uid", "as-groups"};
    const json *user = entry->object;
    for (size_t i = 0; i < ARRAY_LENGTH(refused); i++)
        if (member(user, refused[i]))
            return err_set(err, ERR_BAD_REQUEST,
                           "the kubeconfig %s uses \"%s\", which is not supported here",
                           entry->file->path, refused[i]);
    const char *token_file = json_text(user, "tokenFile");
    config->token = copy_text(user, "token");
    config->token_file = str_is_empty(token_file) ? NULL : absolute(entry, token_file);
    config->user = copy_text(user, "username");
    config->password = copy_text(user, "password");
    if (cJSON_IsObject(member(user, "exec")))
        config->exec = copy_exec(entry, member(user, "exec"));
    int status = read_pem(entry, "client-certificate", &config->certificate, err);
    return status ? status : read_pem(entry, "client-key", &config->key, err);
}

static int read_context(const struct files *files, const char *name, struct kube_config *config,
                        struct err *err) {
    struct entry context, cluster, user;
    int status = find(files, "contexts", "context", name, &context, err);
    if (status)
        return status;
    const char *cluster_name = json_text(context.object, "cluster"),
               *user_name = json_text(context.object, "user");
    config->name_space = copy_text(context.object, "namespace");
    config->source = mem_format("the context %s of the kubeconfig %s", name, context.file->path);
    status = find(files, "clusters", "cluster", cluster_name ? cluster_name : "", &cluster, err);
    if (status == 0)
        status = read_cluster(&cluster, config, err);
    if (status == 0 && !str_is_empty(user_name))
        status = find(files, "users", "user", user_name, &user, err);
    if (status == 0 && !str_is_empty(user_name))
        status = read_user(&user, config, err);
    return status;
}

static int load_files(const char *paths, const char *context, struct kube_config *config,
                      struct err *err) {
    struct files files cleanup(files_done) = {0};
    int status = read_files(paths, &files, err);
    if (status)
        return status;
    const char *name = str_is_empty(context) ? current_context(&files) : context;
    if (!name)
        return err_set(err, ERR_BAD_REQUEST, "the kubeconfig %s names no current-context",
                       files.at[0].path);
    return read_context(&files, name, config, err);
}

// ---- A Pod's own --------------------------------------------------------------------------------

int kube_config_load_account(const char *folder, const char *host, const char *port,
                             struct kube_config *ret_config, struct err *err) {
    struct kube_config config cleanup(kube_config_done) = {0};
    cleanup_free char *authorities = path_join(folder, "ca.crt"),
                      *name_space = path_join(folder, "namespace");
    bool is_v6 = strchr(host, ':') != NULL;
    config.server = mem_format("https://%s%s%s:%s", is_v6 ? "[" : "", host, is_v6 ? "]" : "", port);
    config.token_file = path_join(folder, "token");
    config.source = mem_format("the Pod's service account (%s)", folder);
    int status = read_text_file(authorities, &config.authorities, err);
    if (status == 0 && path_is_file(name_space))
        status = read_text_file(name_space, &config.name_space, err);
    if (status)
        return err_prefix(err, "the Pod's service account");
    *ret_config = config;
    config = (struct kube_config){0};
    return 0;
}

int kube_config_load(const char *paths, const char *context, struct kube_config *ret_config,
                     struct err *err) {
    struct kube_config config cleanup(kube_config_done) = {0};
    const char *host = getenv("KUBERNETES_SERVICE_HOST"), *port = getenv("KUBERNETES_SERVICE_PORT"),
               *home = getenv("HOME");
    if (str_is_empty(paths) && !str_is_empty(host) && path_is_folder(ACCOUNT_FOLDER))
        return kube_config_load_account(ACCOUNT_FOLDER, host, str_is_empty(port) ? "443" : port,
                                        ret_config, err);
    cleanup_free char *own = path_join(home ? home : "", ".kube/config");
    int status = load_files(str_is_empty(paths) ? own : paths, context, &config, err);
    if (status == 0) {
        *ret_config = config;
        config = (struct kube_config){0};
    }
    return status;
}
