// SPDX-License-Identifier: Apache-2.0
//
// See proxy_calls.h.
#include "docker/proxy_calls.h"

#include <string.h>

#include "base/str.h"

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

// The members of FROM that are named, as they are.
static json *pick(const json *from, const char *const *names) {
    json *picked = cJSON_CreateObject();
    for (; *names; names++) {
        const json *member = cJSON_GetObjectItemCaseSensitive(from, *names);
        if (member)
            json_add(picked, *names, cJSON_Duplicate(member, true));
    }
    return picked;
}

static json *pick_each(const json *array, const char *const *names) {
    json *picked = cJSON_CreateArray();
    const json *entry;
    cJSON_ArrayForEach (entry, array)
        cJSON_AddItemToArray(picked, pick(entry, names));
    return picked;
}

static json *pick_container(const json *facts) {
    json *picked = pick(facts, NAMES("Id", "Image"));
    json_add(picked, "State",
             pick(cJSON_GetObjectItemCaseSensitive(facts, "State"),
                  NAMES("Pid", "OOMKilled", "ExitCode", "Running", "Status")));
    json_add(picked, "Mounts",
             pick_each(cJSON_GetObjectItemCaseSensitive(facts, "Mounts"),
                       NAMES("Type", "Source", "Destination")));
    return picked;
}

// Of the runtimes only their names.
static json *pick_info(const json *info) {
    json *picked = pick(info, NAMES("ServerVersion", "OperatingSystem", "Driver", "DefaultRuntime",
                                    "MemoryLimit", "SwapLimit", "PidsLimit", "CpuCfsQuota",
                                    "CgroupVersion", "SecurityOptions"));
    json *runtimes = json_add_object(picked, "Runtimes");
    const json *runtime;
    cJSON_ArrayForEach (runtime, cJSON_GetObjectItemCaseSensitive(info, "Runtimes"))
        json_add_object(runtimes, runtime->string);
    return picked;
}

// The server may look at its own container too, to find where its mounts come from.
static int check_role(const json *facts, const char *name, bool may_be_server, struct err *err) {
    const json *labels = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(facts, "Config"), "Labels");
    const char *role = json_text(labels, "sandglass.role");
    bool is_sandbox = json_text(labels, "sandglass.server") &&
                      (str_is_equal(role, "run") || str_is_equal(role, "pool"));
    if (is_sandbox || (may_be_server && str_is_equal(role, "server")))
        return 0;
    return err_set(err, ERR_REFUSED, "the container %.80s is no sandbox", name);
}

int docker_proxy_check_labels(struct docker_engine *engine, const char *name,
                              struct docker_limit limit, struct err *err) {
    cleanup_json json *facts = NULL;
    int status = docker_container_inspect(engine, name, limit, &facts, err);
    return status ? status : check_role(facts, name, false, err);
}

static int tell_version(struct docker_engine *engine, struct docker_limit limit, json **ret_answer,
                        struct err *err) {
    char version[16];
    int status = docker_engine_version(engine, limit.cancel_fd, version, err);
    if (status)
        return status;
    *ret_answer = cJSON_CreateObject();
    json_add_text(*ret_answer, "ApiVersion", version);
    json_add_text(*ret_answer, "MinAPIVersion", version);
    return 0;
}

static int create(struct docker_engine *engine, const struct docker_proxy_order *order,
                  struct docker_limit limit, json **ret_answer, struct err *err) {
    char id[DOCKER_ID_SIZE];
    cleanup_free char *warnings = NULL;
    int status = docker_container_create(engine, &order->container, limit, id, &warnings, err);
    if (status)
        return status;
    *ret_answer = cJSON_CreateObject();
    json_add_text(*ret_answer, "Id", id);
    json *array = json_add_array(*ret_answer, "Warnings");
    if (*warnings)
        cJSON_AddItemToArray(array, cJSON_CreateString(warnings));
    return 0;
}

static int inspect(struct docker_engine *engine, const char *name, struct docker_limit limit,
                   json **ret_answer, struct err *err) {
    cleanup_json json *facts = NULL;
    int status = docker_container_inspect(engine, name, limit, &facts, err);
    if (status == 0)
        status = check_role(facts, name, true, err);
    if (status == 0)
        *ret_answer = pick_container(facts);
    return status;
}

int docker_proxy_perform(struct docker_engine *engine, const struct docker_proxy_rules *rules,
                         const struct docker_proxy_call *call,
                         const struct docker_proxy_order *order, struct docker_limit limit,
                         json **ret_answer, struct err *err) {
    const char *name = call->name;
    cleanup_json json *answer = NULL;
    int status = ERR_INTERNAL;
    *ret_answer = NULL;
    switch (call->verb) {
    case PROXY_VERSION: return tell_version(engine, limit, ret_answer, err);
    case PROXY_CREATE: return create(engine, order, limit, ret_answer, err);
    case PROXY_INSPECT: return inspect(engine, name, limit, ret_answer, err);
    case PROXY_INFO:
        if ((status = docker_info(engine, limit, &answer, err)) == 0)
            *ret_answer = pick_info(answer);
        return status;
    case PROXY_INSPECT_IMAGE:
        if ((status = docker_image_inspect(engine, rules->image, limit, &answer, err)) == 0)
            *ret_answer = pick(answer, NAMES("Id", "Size"));
        return status;
    case PROXY_LIST:
        if ((status = docker_container_list(engine, name, limit, &answer, err)) == 0)
            *ret_answer = pick_each(answer, NAMES("Id", "Names"));
        return status;
    case PROXY_START:
        return docker_call_bare(engine, "POST", mem_format("/containers/%s/start", name), limit,
                                NULL, err);
    case PROXY_WAIT:
        status = docker_call_bare(engine, "POST", mem_format("/containers/%s/wait", name), limit,
                                  &answer, err);
        if (status == 0)
            *ret_answer = pick(answer, NAMES("StatusCode"));
        return status;
    case PROXY_REMOVE:
        return docker_call_bare(engine, "DELETE", mem_format("/containers/%s?force=1&v=1", name),
                                limit, NULL, err);
    case PROXY_ATTACH_OUTPUT:
    case PROXY_ATTACH_INPUT:
    case PROXY_PUT: break; // those are streams
    }
    return err_set(err, ERR_INTERNAL, "a stream is no call");
}
