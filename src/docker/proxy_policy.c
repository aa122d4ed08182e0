// SPDX-License-Identifier: Apache-2.0
//
// See proxy_policy.h.
//
// Theory of operation. The executor's own code is the allow-list. What varies between the
// containers that it makes (image, command, data, labels, limits) is read out of the request into
// a struct docker_container, and each value is checked; then docker_container_json() writes down
// what the executor would send for that struct, and the request has to be the same tree: no member
// more, none less, none twice, none in other letters. So an option that the executor does not use
// has no way through, also one that a later version of Docker invents, and the two cannot drift
// apart.
#include "docker/proxy_policy.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "base/limits.h"
#include "base/str.h"

#define NAME_PREFIX "sandglass-"
#define SERVER_FILTER "all=1&filters=%7B%22label%22%3A%5B%22sandglass.server%3D"
#define SERVER_FILTER_END "%22%5D%7D"

static const char hexadecimal[] = "0123456789abcdef";
static const char label_characters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

// ---- Which call

static int no_call(const struct docker_proxy_head *head, struct err *err) {
    return err_set(err, ERR_REFUSED, "%s %.200s%s%.100s is no call that a sandbox needs",
                   head->method, head->path, *head->query ? "?" : "", head->query);
}

// "sandglass-" and a name of 26 characters that cannot be guessed.
static bool is_our_name(const char *name) {
    return str_has_prefix(name, NAME_PREFIX) && id_is_valid(name + strlen(NAME_PREFIX));
}

static bool is_whole_id(const char *name) {
    return strlen(name) == DOCKER_ID_SIZE - 1 && strspn(name, hexadecimal) == DOCKER_ID_SIZE - 1;
}

static bool is_label(const char *text) {
    size_t length = text ? strlen(text) : 0;
    return length >= 1 && length <= 64 && strspn(text, label_characters) == length;
}

// The path behind "/v1.NN", NULL where the version is none that we speak.
static const char *behind_version(const char *path) {
    int minor = 0, length = 0;
    if (sscanf(path, "/v1.%2d%n", &minor, &length) != 1 || path[length] != '/' ||
        minor < DOCKER_API_OLDEST || minor > DOCKER_API_NEWEST)
        return NULL;
    return path + length;
}

static int judge_list(const struct docker_proxy_head *head, struct docker_proxy_call *call,
                      struct err *err) {
    size_t front = strlen(SERVER_FILTER), end = strlen(SERVER_FILTER_END),
           length = strlen(head->query);
    if (strncmp(head->query, SERVER_FILTER, front) != 0 ||
        !str_has_suffix(head->query, SERVER_FILTER_END) || length <= front + end ||
        length - front - end >= sizeof call->name)
        return err_set(err, ERR_REFUSED, "only the containers of one server may be listed");
    memcpy(call->name, head->query + front, length - front - end);
    call->name[length - front - end] = '\0';
    call->verb = PROXY_LIST;
    return is_label(call->name)
               ? 0
               : err_set(err, ERR_REFUSED, "only the containers of one server may be listed");
}

static int judge_create(const struct docker_proxy_head *head, struct docker_proxy_call *call,
                        struct err *err) {
    const char *name = str_has_prefix(head->query, "name=") ? head->query + strlen("name=") : "";
    if (!is_our_name(name))
        return err_set(err, ERR_REFUSED,
                       "a container is only made under a name of its own, " NAME_PREFIX "ID");
    snprintf(call->name, sizeof call->name, "%s", name);
    call->verb = PROXY_CREATE;
    return 0;
}

// /containers/NAME/VERB?QUERY
static int judge_container(const struct docker_proxy_head *head, const char *rest,
                           struct docker_proxy_call *call, struct err *err) {
    static const struct {
        const char *method, *path, *query;
        enum docker_proxy_verb verb;
        bool upgrades, has_body;
    } verbs[] = {
        {"GET", "/json", "", PROXY_INSPECT, false, false},
        {"POST", "/attach", "stream=1&stdout=1&stderr=1", PROXY_ATTACH_OUTPUT, true, false},
        {"POST", "/attach", "stream=1&stdin=1", PROXY_ATTACH_INPUT, true, false},
        {"POST", "/start", "", PROXY_START, false, false},
        {"POST", "/wait", "", PROXY_WAIT, false, false},
        {"DELETE", "", "force=1&v=1", PROXY_REMOVE, false, false},
        {"PUT", "/archive", "path=/data", PROXY_PUT, false, true},
    };
    size_t length = strcspn(rest, "/");
    if (length == 0 || length >= sizeof call->name)
        return no_call(head, err);
    memcpy(call->name, rest, length);
    call->name[length] = '\0';
    for (size_t i = 0; i < ARRAY_LENGTH(verbs); i++) {
        if (strcmp(head->method, verbs[i].method) != 0 ||
            strcmp(rest + length, verbs[i].path) != 0 || strcmp(head->query, verbs[i].query) != 0 ||
            head->wants_upgrade != verbs[i].upgrades ||
            (head->content_bytes > 0) != verbs[i].has_body)
            continue;
        call->verb = verbs[i].verb;
        if (is_our_name(call->name) || (call->verb == PROXY_INSPECT && is_whole_id(call->name)))
            return 0;
        return err_set(err, ERR_REFUSED, "\"%.80s\" is no name of a sandbox's container",
                       call->name);
    }
    return no_call(head, err);
}

int docker_proxy_judge(const struct docker_proxy_rules *rules, const struct docker_proxy_head *head,
                       struct docker_proxy_call *ret_call, struct err *err) {
    struct docker_proxy_call call = {0};
    const char *path = behind_version(head->path);
    bool is_get = strcmp(head->method, "GET") == 0,
         is_bare = !*head->query && !head->wants_upgrade && head->content_bytes == 0;
    cleanup_free char *image = mem_format("/images/%s/json", rules->image);
    int status = 0;
    if (is_get && is_bare && strcmp(head->path, "/version") == 0)
        call.verb = PROXY_VERSION;
    else if (!path)
        status = no_call(head, err);
    else if (is_get && is_bare && strcmp(path, "/info") == 0)
        call.verb = PROXY_INFO;
    else if (is_get && is_bare && strcmp(path, image) == 0)
        call.verb = PROXY_INSPECT_IMAGE;
    else if (is_get && !head->wants_upgrade && head->content_bytes == 0 &&
             strcmp(path, "/containers/json") == 0)
        status = judge_list(head, &call, err);
    else if (strcmp(head->method, "POST") == 0 && !head->wants_upgrade &&
             strcmp(path, "/containers/create") == 0 &&
             strcmp(head->content_type, "application/json") == 0)
        status = judge_create(head, &call, err);
    else if (str_has_prefix(path, "/containers/"))
        status = judge_container(head, path + strlen("/containers/"), &call, err);
    else
        status = no_call(head, err);
    if (status == 0)
        *ret_call = call;
    return status;
}

// ---- What a container may be

static int differs(struct err *err, const char *path, const char *how) {
    return err_set(err, ERR_REFUSED, "the container's %.200s %s", *path ? path : "description",
                   how);
}

static int count_members(const json *object, const char *key) {
    const json *member;
    int count = 0;
    cJSON_ArrayForEach (member, object)
        count += strcmp(member->string, key) == 0;
    return count;
}

static int compare(const json *wanted, const json *given, const char *path, struct err *err);

static int compare_objects(const json *wanted, const json *given, const char *path,
                           struct err *err) {
    const json *member;
    const char *dot = *path ? "." : "";
    cJSON_ArrayForEach (member, given) {
        cleanup_free char *below = mem_format("%s%s%.60s", path, dot, member->string);
        if (count_members(given, member->string) > 1)
            return differs(err, below, "stands there twice");
        if (count_members(wanted, member->string) == 0)
            return differs(err, below, "is no option that a sandbox has");
    }
    cJSON_ArrayForEach (member, wanted) {
        cleanup_free char *below = mem_format("%s%s%s", path, dot, member->string);
        const json *found = cJSON_GetObjectItemCaseSensitive(given, member->string);
        if (!found)
            return differs(err, below, "is not set as a sandbox has it");
        int status = compare(member, found, below, err);
        if (status)
            return status;
    }
    return 0;
}

static int compare_arrays(const json *wanted, const json *given, const char *path,
                          struct err *err) {
    const json *left = wanted->child, *right = given->child;
    int index = 0;
    for (; left && right; left = left->next, right = right->next, index++) {
        cleanup_free char *below = mem_format("%s[%d]", path, index);
        int status = compare(left, right, below, err);
        if (status)
            return status;
    }
    return left || right ? differs(err, path, "has not the entries that a sandbox has") : 0;
}

// That GIVEN is WANTED. Its depth is that of what the executor sends, whatever GIVEN has.
static int compare(const json *wanted, const json *given, const char *path, struct err *err) {
    if (cJSON_IsObject(wanted) && cJSON_IsObject(given))
        return compare_objects(wanted, given, path, err);
    if (cJSON_IsArray(wanted) && cJSON_IsArray(given))
        return compare_arrays(wanted, given, path, err);
    bool is_same = (cJSON_IsString(wanted) && cJSON_IsString(given) &&
                    strcmp(wanted->valuestring, given->valuestring) == 0) ||
                   (cJSON_IsNumber(wanted) && cJSON_IsNumber(given) &&
                    wanted->valuedouble == given->valuedouble) ||
                   (cJSON_IsBool(wanted) && cJSON_IsBool(given) &&
                    cJSON_IsTrue(wanted) == cJSON_IsTrue(given));
    return is_same ? 0 : differs(err, path, "is not what a sandbox has");
}

// runner --data DIR --dataset NAME --memory-mb N --cpu-s N
static int read_command(const json *body, struct docker_proxy_order *order, struct err *err) {
    static const char *const words[] = {"runner",      "--data", NULL,      "--dataset", NULL,
                                        "--memory-mb", NULL,     "--cpu-s", NULL};
    const json *array = cJSON_GetObjectItemCaseSensitive(body, "Cmd"), *word;
    size_t count = 0;
    cJSON_ArrayForEach (word, array) {
        if (!cJSON_IsString(word) || count >= ARRAY_LENGTH(words) ||
            (words[count] && strcmp(words[count], word->valuestring) != 0))
            return differs(err, "Cmd", "is not the command of a sandbox's runner");
        order->command[count++] = word->valuestring;
    }
    bool is_good = cJSON_IsArray(array) && count == ARRAY_LENGTH(words) &&
                   *order->command[2] == '/' && *order->command[4] && *order->command[4] != '-' &&
                   strspn(order->command[6], "0123456789") == strlen(order->command[6]) &&
                   strspn(order->command[8], "0123456789") == strlen(order->command[8]);
    order->command[count] = NULL;
    order->container.command = order->command;
    return is_good ? 0 : differs(err, "Cmd", "is not the command of a sandbox's runner");
}

static bool has_parent_step(const char *path) {
    return strstr(path, "/../") || strstr(path, "/./") || strstr(path, "//") ||
           str_has_suffix(path, "/..") || str_has_suffix(path, "/.");
}

// Whether SOURCE is one of the folders, or below one.
static bool may_bind(const char *folders, const char *source) {
    for (const char *at = folders; *at; at += strcspn(at, ":"), at += *at == ':') {
        size_t length = strcspn(at, ":");
        while (length > 1 && at[length - 1] == '/')
            length--;
        if (length > 1 && strncmp(source, at, length) == 0 &&
            (source[length] == '\0' || source[length] == '/'))
            return *source == '/' && !has_parent_step(source);
    }
    return false;
}

static int read_data(const struct docker_proxy_rules *rules, const json *host,
                     struct docker_container *container, struct err *err) {
    const json *mounts = cJSON_GetObjectItemCaseSensitive(host, "Mounts");
    const json *mount = cJSON_IsArray(mounts) ? mounts->child : NULL;
    const char *type = json_text(mount, "Type"), *source = json_text(mount, "Source");
    if (mount && str_is_equal(type, "volume"))
        container->has_data_volume = true;
    else if (mount && source && may_bind(rules->bind_folders, source))
        container->data_source = source;
    else if (mount)
        return err_set(err, ERR_REFUSED, "the container's mount of \"%.200s\" is not allowed here",
                       source ? source : "");
    return 0;
}

static int read_limit(const json *host, const char *key, int64_t most, int64_t *ret_value,
                      struct err *err) {
    const json *item = cJSON_GetObjectItemCaseSensitive(host, key);
    double value = cJSON_IsNumber(item) ? item->valuedouble : 0;
    if (!(value >= 1 && value <= (double)most) || value != floor(value))
        return err_set(err, ERR_REFUSED,
                       "the container's HostConfig.%s is no number from 1 to %lld", key,
                       (long long)most);
    *ret_value = (int64_t)value;
    return 0;
}

static int read_labels(const json *body, struct docker_container *container, struct err *err) {
    const json *labels = cJSON_GetObjectItemCaseSensitive(body, "Labels");
    container->server_label = json_text(labels, "sandglass.server");
    container->run_label = json_text(labels, "sandglass.run");
    container->role_label = json_text(labels, "sandglass.role");
    if (!is_label(container->server_label) ||
        (container->run_label && !is_label(container->run_label)) ||
        !str_is_equal(container->role_label, container->run_label ? "run" : "pool"))
        return differs(err, "Labels", "are not those of a sandbox");
    return 0;
}

int docker_proxy_read_order(const struct docker_proxy_rules *rules, const char *name,
                            const json *body, struct docker_proxy_order *ret_order,
                            struct err *err) {
    struct docker_proxy_order order = {.container = {.name = name, .image = rules->image}};
    struct docker_container *container = &order.container;
    const json *host = cJSON_GetObjectItemCaseSensitive(body, "HostConfig");
    int status = read_command(body, &order, err);
    if (status == 0)
        status = read_labels(body, container, err);
    if (status == 0)
        status = read_data(rules, host, container, err);
    if (status == 0)
        status = read_limit(host, "Memory", rules->memory_bytes, &container->memory_bytes, err);
    if (status == 0)
        status = read_limit(host, "NanoCpus", rules->nano_cpus, &container->nano_cpus, err);
    if (status == 0)
        status = read_limit(host, "PidsLimit", rules->pids, &container->pids, err);
    if (status)
        return status;
    cleanup_json json *wanted = docker_container_json(container);
    status = compare(wanted, body, "", err);
    if (status == 0) {
        *ret_order = order;
        ret_order->container.command = ret_order->command;
    }
    return status;
}
