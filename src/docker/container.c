// SPDX-License-Identifier: Apache-2.0
//
// See container.h. Every restriction of a container stands in docker_container_json(), in the words
// of Docker's API; what is not named there is Docker's default: its seccomp profile, its masked
// paths, its AppArmor profile where there is one.
#include "docker/container.h"

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

#define REMOVAL_PAUSE_MS 50

static void add_texts(json *object, const char *key, const char *const *texts) {
    json *array = json_add_array(object, key);
    for (; *texts; texts++)
        cJSON_AddItemToArray(array, cJSON_CreateString(*texts));
}

static void add_label(json *labels, const char *key, const char *value) {
    if (value)
        json_add_text(labels, key, value);
}

static void add_data(json *host, const struct docker_container *container) {
    json *mounts = json_add_array(host, "Mounts"), *mount;
    if (!container->data_source && !container->has_data_volume)
        return;
    cJSON_AddItemToArray(mounts, mount = cJSON_CreateObject());
    json_add_text(mount, "Target", "/data");
    if (container->data_source) {
        json_add_text(mount, "Type", "bind");
        json_add_text(mount, "Source", container->data_source);
        json_add_bool(mount, "ReadOnly", true);
    } else {
        json_add_text(mount, "Type", "volume");
        json_add_bool(json_add_object(mount, "VolumeOptions"), "NoCopy", true);
    }
}

static json *host_of(const struct docker_container *container) {
    static const char *const all[] = {"ALL", NULL};
    static const char *const security[] = {"no-new-privileges:true", NULL};
    json *host = cJSON_CreateObject();
    json_add_text(host, "NetworkMode", "none");
    json_add_text(host, "IpcMode", "none");
    json_add_text(host, "CgroupnsMode", "private");
    json_add_bool(host, "ReadonlyRootfs", true);
    json_add_text(json_add_object(host, "Tmpfs"), "/tmp", "rw,noexec,nosuid,size=64m");
    add_data(host, container);
    add_texts(host, "CapDrop", all);
    add_texts(host, "SecurityOpt", security);
    json_add_integer(host, "Memory", container->memory_bytes);
    json_add_integer(host, "MemorySwap", container->memory_bytes); // as much in all: no swap
    json_add_integer(host, "NanoCpus", container->nano_cpus);
    json_add_integer(host, "PidsLimit", container->pids);
    json_add_bool(host, "Init", false);
    json_add_text(json_add_object(host, "LogConfig"), "Type", "none");
    return host;
}

json *docker_container_json(const struct docker_container *container) {
    json *object = cJSON_CreateObject();
    json_add_text(object, "Image", container->image);
    add_texts(object, "Cmd", container->command);
    json_add_text(object, "Hostname", "sandbox");
    json_add_text(object, "User", "65534:65534");
    // As "none" above, but the daemon then does not set a network up to find that there is none in
    // it, for which it starts a program of its own at every start.
    json_add_bool(object, "NetworkDisabled", true);
    json_add_array(object, "Env");
    static const char *const open[] = {"OpenStdin",    "StdinOnce",    "AttachStdin",
                                       "AttachStdout", "AttachStderr", NULL};
    for (const char *const *key = open; *key; key++)
        json_add_bool(object, *key, true);
    json *labels = json_add_object(object, "Labels");
    add_label(labels, "sandglass.server", container->server_label);
    add_label(labels, "sandglass.run", container->run_label);
    add_label(labels, "sandglass.role", container->role_label);
    json_add(object, "HostConfig", host_of(container));
    return object;
}

static char *join_warnings(const json *answer) {
    struct buf text = BUF(4096);
    const json *warning;
    cJSON_ArrayForEach (warning, cJSON_GetObjectItemCaseSensitive(answer, "Warnings"))
        if (cJSON_IsString(warning))
            buf_add_format(&text, "%s%s", text.length ? "; " : "", warning->valuestring);
    return text.length ? buf_take(&text) : mem_text("");
}

int docker_call_bare(struct docker_engine *engine, const char *method, char *path,
                     struct docker_limit limit, json **ret_answer, struct err *err) {
    cleanup_free char *owned = path;
    struct docker_call call = {.method = method,
                               .path = owned,
                               .timeout_ms = limit.timeout_ms,
                               .cancel_fd = limit.cancel_fd};
    return docker_call(engine, &call, ret_answer, err);
}

int docker_container_create(struct docker_engine *engine, const struct docker_container *container,
                            struct docker_limit limit, char ret_id[DOCKER_ID_SIZE],
                            char **ret_warnings, struct err *err) {
    cleanup_json json *body = docker_container_json(container), *answer = NULL;
    cleanup_free char *path = mem_format("/containers/create?name=%s", container->name);
    struct docker_call call = {.method = "POST",
                               .path = path,
                               .body = body,
                               .timeout_ms = limit.timeout_ms,
                               .cancel_fd = limit.cancel_fd};
    int status = docker_call(engine, &call, &answer, err);
    const char *id = json_text(answer, "Id");
    if (status)
        return status;
    if (!id || strlen(id) >= DOCKER_ID_SIZE)
        return err_set(err, ERR_UNAVAILABLE, "%s made a container without an id",
                       docker_engine_title(engine));
    snprintf(ret_id, DOCKER_ID_SIZE, "%s", id);
    *ret_warnings = join_warnings(answer);
    return 0;
}

static int attach(struct docker_engine *engine, const char *id, const char *streams,
                  struct docker_limit limit, struct net_stream **ret_stream, struct err *err) {
    cleanup_free char *path = mem_format("/containers/%s/attach?stream=1&%s", id, streams);
    struct docker_call call = {.method = "POST",
                               .path = path,
                               .timeout_ms = limit.timeout_ms,
                               .cancel_fd = limit.cancel_fd};
    return docker_call_stream(engine, &call, ret_stream, err);
}

int docker_container_attach_output(struct docker_engine *engine, const char *id,
                                   struct docker_limit limit, struct net_stream **ret_stream,
                                   struct err *err) {
    return attach(engine, id, "stdout=1&stderr=1", limit, ret_stream, err);
}

int docker_container_attach_input(struct docker_engine *engine, const char *id,
                                  struct docker_limit limit, struct net_stream **ret_stream,
                                  struct err *err) {
    return attach(engine, id, "stdin=1", limit, ret_stream, err);
}

int docker_container_start(struct docker_engine *engine, const char *id, struct docker_limit limit,
                           struct err *err) {
    return docker_call_bare(engine, "POST", mem_format("/containers/%s/start", id), limit, NULL,
                            err);
}

int docker_container_wait(struct docker_engine *engine, const char *id, struct docker_limit limit,
                          struct docker_ending *ret_ending, struct err *err) {
    cleanup_json json *answer = NULL, *facts = NULL;
    int status = docker_call_bare(engine, "POST", mem_format("/containers/%s/wait", id), limit,
                                  &answer, err);
    if (status == 0)
        status = docker_container_inspect(engine, id, limit, &facts, err);
    if (status)
        return status;
    const json *state = cJSON_GetObjectItemCaseSensitive(facts, "State");
    *ret_ending = (struct docker_ending){.was_out_of_memory = json_bool(state, "OOMKilled", false),
                                         .exit_code = json_integer(answer, "StatusCode", -1)};
    return 0;
}

int docker_container_remove(struct docker_engine *engine, const char *id, struct docker_limit limit,
                            struct err *err) {
    int64_t deadline_us = clock_monotonic_us() + limit.timeout_ms * 1000;
    struct pollfd cancel = {.fd = limit.cancel_fd, .events = POLLIN};
    int status;
    // A conflict is a removal that is under way already.
    while (
        (status = docker_call_bare(engine, "DELETE", mem_format("/containers/%s?force=1&v=1", id),
                                   limit, NULL, err)) == ERR_CONFLICT &&
        clock_monotonic_us() < deadline_us)
        if (poll(&cancel, 1, REMOVAL_PAUSE_MS) > 0)
            break;
    return status == ERR_NOT_FOUND ? 0 : status;
}

int docker_container_list(struct docker_engine *engine, const char *server,
                          struct docker_limit limit, json **ret_list, struct err *err) {
    // {"label":["sandglass.server=SERVER"]}, escaped for a URL
    char *path = mem_format("/containers/json?all=1&filters="
                            "%%7B%%22label%%22%%3A%%5B%%22sandglass.server%%3D%s%%22%%5D%%7D",
                            server);
    return docker_call_bare(engine, "GET", path, limit, ret_list, err);
}

int docker_container_inspect(struct docker_engine *engine, const char *id,
                             struct docker_limit limit, json **ret_facts, struct err *err) {
    return docker_call_bare(engine, "GET", mem_format("/containers/%s/json", id), limit, ret_facts,
                            err);
}

int docker_container_process(struct docker_engine *engine, const char *id,
                             struct docker_limit limit, int64_t *ret_pid, struct err *err) {
    cleanup_json json *facts = NULL;
    int status = docker_container_inspect(engine, id, limit, &facts, err);
    if (status == 0)
        *ret_pid = json_integer(cJSON_GetObjectItemCaseSensitive(facts, "State"), "Pid", 0);
    return status;
}

int docker_image_inspect(struct docker_engine *engine, const char *image, struct docker_limit limit,
                         json **ret_facts, struct err *err) {
    return docker_call_bare(engine, "GET", mem_format("/images/%s/json", image), limit, ret_facts,
                            err);
}

int docker_info(struct docker_engine *engine, struct docker_limit limit, json **ret_facts,
                struct err *err) {
    return docker_call_bare(engine, "GET", mem_text("/info"), limit, ret_facts, err);
}

// ---- A file as a tar archive (POSIX.1-1988 ustar): one header block, the bytes, padding to a
// block, two empty blocks.

struct archive {
    char header[DOCKER_ARCHIVE_BLOCK];
    const struct docker_file *file;
    int64_t total_bytes, given_bytes;
};

int64_t docker_archive_bytes(int64_t size_bytes) {
    int64_t blocks = (size_bytes + DOCKER_ARCHIVE_BLOCK - 1) / DOCKER_ARCHIVE_BLOCK;
    return (blocks + 3) * DOCKER_ARCHIVE_BLOCK;
}

void docker_archive_header(const char *name, int64_t size_bytes,
                           char ret_header[DOCKER_ARCHIVE_BLOCK]) {
    unsigned sum = 0;
    memset(ret_header, 0, DOCKER_ARCHIVE_BLOCK);
    snprintf(ret_header, 100, "%s", name);
    memcpy(ret_header + 100, "0000444", 8); // everyone may read it
    memcpy(ret_header + 108, "0000000", 8); // user and group root
    memcpy(ret_header + 116, "0000000", 8);
    snprintf(ret_header + 124, 12, "%011llo", (unsigned long long)size_bytes);
    memcpy(ret_header + 136, "00000000000", 12);
    memset(ret_header + 148, ' ', 8); // the check sum counts as spaces in itself
    ret_header[156] = '0';
    memcpy(ret_header + 257, "ustar", 6);
    memcpy(ret_header + 263, "00", 2);
    for (size_t i = 0; i < DOCKER_ARCHIVE_BLOCK; i++)
        sum += (unsigned char)ret_header[i];
    snprintf(ret_header + 148, 8, "%06o", sum);
}

static int64_t give_archive(void *context, char *ret_bytes, size_t size) {
    struct archive *archive = context;
    const struct docker_file *file = archive->file;
    int64_t at = archive->given_bytes, in_file = at - DOCKER_ARCHIVE_BLOCK;
    int64_t got =
        archive->total_bytes - at < (int64_t)size ? archive->total_bytes - at : (int64_t)size;
    if (at < DOCKER_ARCHIVE_BLOCK) {
        got = got < DOCKER_ARCHIVE_BLOCK - at ? got : DOCKER_ARCHIVE_BLOCK - at;
        memcpy(ret_bytes, archive->header + at, (size_t)got);
    } else if (in_file < file->size_bytes) {
        got = got < file->size_bytes - in_file ? got : file->size_bytes - in_file;
        got = file->read(file->context, ret_bytes, (size_t)got);
        if (got <= 0)
            return -1; // it shrank meanwhile, or cannot be read
    } else {
        memset(ret_bytes, 0, (size_t)got);
    }
    archive->given_bytes += got;
    return got;
}

int docker_container_put(struct docker_engine *engine, const char *id, const char *folder,
                         const struct docker_file *file, struct docker_limit limit,
                         struct err *err) {
    struct archive archive = {.file = file, .total_bytes = docker_archive_bytes(file->size_bytes)};
    cleanup_free char *path = mem_format("/containers/%s/archive?path=%s", id, folder);
    struct docker_call call = {.method = "PUT",
                               .path = path,
                               .body_function = give_archive,
                               .body_context = &archive,
                               .body_bytes = archive.total_bytes,
                               .timeout_ms = limit.timeout_ms,
                               .cancel_fd = limit.cancel_fd};
    docker_archive_header(file->name, file->size_bytes, archive.header);
    return docker_call(engine, &call, NULL, err);
}
