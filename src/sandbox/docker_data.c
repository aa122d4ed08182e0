// SPDX-License-Identifier: Apache-2.0
//
// How a data set gets into a container. The daemon may be on this machine or not, and this server
// in a container of its or not, so it is asked once what it knows of us:
//
//   we are one of its containers    a folder below one of our mounts is mounted from where that
//                                   mount comes from; below DATASETS_PATH without a mount it is in
//                                   the image, and the runner's image has it too if it is the same
//   we are on its machine           the folder is mounted
//   otherwise (TCP)                 the folder is copied
//
// Mounting asks more than that the daemon sees the folder: inside the container uid 65534 reads it.
// A folder that others may not read, and any folder where SELinux labels files, is copied. A copy
// goes into an anonymous volume (a read-only root takes no files) before the container is started,
// and the volume is removed with the container. It costs the daemon a write of the file's size for
// each container, so mounting comes first.
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/str.h"
#include "sandbox/docker.h"

struct docker_surroundings {
    json *self;         // the inspection of the container that we are; NULL for none
    bool has_its_image; // the runner's image is ours
    bool has_selinux;
};

void docker_surroundings_free(struct docker_surroundings *known) {
    if (!known)
        return;
    json_free(known->self);
    free(known);
}

int docker_own_id(const char *mountinfo, char ret_id[DOCKER_ID_SIZE]) {
    static const char *const files[] = {" /etc/hostname ", " /etc/hosts ", " /etc/resolv.conf "};
    // Docker mounts these three from its folder of the container: …/containers/ID/hostname.
    for (size_t i = 0; i < ARRAY_LENGTH(files); i++) {
        const char *file = strstr(mountinfo, files[i]), *id = NULL;
        for (const char *at = file; at && at > mountinfo && at[-1] != '\n'; at--)
            if (!id && str_has_prefix(at, "/containers/"))
                id = at + strlen("/containers/");
        if (id && strspn(id, "0123456789abcdef") == DOCKER_ID_SIZE - 1) {
            snprintf(ret_id, DOCKER_ID_SIZE, "%s", id);
            return 0;
        }
    }
    return -1;
}

static bool find_own_id(char ret_id[DOCKER_ID_SIZE]) {
    struct err err;
    cleanup_buf struct buf text = BUF(LIMIT_MOUNTINFO);
    return fd_read_file("/proc/self/mountinfo", &text, &err) == 0 &&
           docker_own_id(buf_text(&text), ret_id) == 0;
}

static bool has_selinux(const json *info) {
    const json *option;
    cJSON_ArrayForEach (option, cJSON_GetObjectItemCaseSensitive(info, "SecurityOptions"))
        if (cJSON_IsString(option) && strstr(option->valuestring, "name=selinux"))
            return true;
    return false;
}

static int look_around(struct docker *docker, int cancel_fd, struct docker_surroundings **ret_known,
                       struct err *err) {
    struct docker_limit limit = {DOCKER_CALL_LIMIT_MS, cancel_fd};
    char id[DOCKER_ID_SIZE];
    struct err ignored;
    cleanup_json json *self = NULL, *image = NULL, *info = NULL;
    int status = docker_info(docker->engine, limit, &info, err);
    // A container of another daemon's is not found here, and then we are not in one of this one's.
    if (status == 0 && find_own_id(id) &&
        (status = docker_container_inspect(docker->engine, id, limit, &self, err)) == ERR_NOT_FOUND)
        status = 0;
    if (status)
        return status;
    // An image that is not there is for the creation to report.
    if (self)
        docker_image_inspect(docker->engine, docker->settings->image, limit, &image, &ignored);
    struct docker_surroundings *known = mem_zero(1, sizeof *known);
    const char *its_image = json_text(image, "Id");
    known->has_its_image = its_image && str_is_equal(its_image, json_text(self, "Image"));
    known->self = mem_take(self);
    known->has_selinux = has_selinux(info);
    *ret_known = known;
    return 0;
}

char *docker_map_folder(const json *mounts, const char *folder) {
    const json *mount, *best = NULL;
    size_t best_length = 0;
    cJSON_ArrayForEach (mount, mounts) {
        const char *target = json_text(mount, "Destination"), *source = json_text(mount, "Source");
        size_t length = target ? strlen(target) : 0;
        bool covers =
            length && str_has_prefix(folder, target) && (folder[length] == '/' || !folder[length]);
        if (covers && length >= best_length) {
            best = str_is_empty(source) ? NULL : mount; // a tmpfs covers it, but has no source
            best_length = length;
        }
    }
    return best ? mem_format("%s%s", json_text(best, "Source"), folder + best_length) : NULL;
}

static bool is_below(const char *folder, const char *above) {
    char real[PATH_MAX];
    if (str_is_empty(above) || !realpath(above, real))
        return false;
    size_t length = strlen(real);
    return str_has_prefix(folder, real) && folder[length] == '/';
}

// Whether uid 65534 can read it, wherever it is mounted.
static bool is_for_all(const char *folder) {
    struct stat folder_status, file_status;
    cleanup_free char *file = path_join(folder, "data.sqlite");
    return stat(folder, &folder_status) == 0 && stat(file, &file_status) == 0 &&
           (folder_status.st_mode & 05) == 05 && (file_status.st_mode & 04) == 04;
}

static struct docker_place decide(const struct docker *docker, const char *folder) {
    const struct docker_surroundings *known = docker->known;
    struct docker_place place = {.way = DOCKER_DATA_COPIED};
    if (known->self)
        place.source =
            docker_map_folder(cJSON_GetObjectItemCaseSensitive(known->self, "Mounts"), folder);
    else if (!docker_engine_is_remote(docker->engine))
        place.source = mem_text(folder);
    if (place.source && is_for_all(folder) && !known->has_selinux && !docker->sees_no_folder) {
        place.way = DOCKER_DATA_MOUNTED;
        return place;
    }
    bool is_own = known->self && !place.source;
    free(mem_take(place.source));
    if (is_own && known->has_its_image && is_below(folder, docker->settings->datasets_path))
        place.way = DOCKER_DATA_BAKED;
    return place;
}

// Several threads may ask at a time; the first answer stays.
static int know_surroundings(struct docker *docker, int cancel_fd, struct err *err) {
    struct docker_surroundings *found = NULL;
    pthread_mutex_lock(&docker->lock);
    bool is_known = docker->known != NULL;
    pthread_mutex_unlock(&docker->lock);
    int status = is_known ? 0 : look_around(docker, cancel_fd, &found, err);
    pthread_mutex_lock(&docker->lock);
    if (!docker->known)
        docker->known = mem_take(found);
    pthread_mutex_unlock(&docker->lock);
    docker_surroundings_free(found);
    return status;
}

int docker_data_find(struct docker *docker, const char *folder, int cancel_fd,
                     struct docker_place *ret_place, struct err *err) {
    char real[PATH_MAX];
    if (!realpath(folder, real))
        return err_set_errno(err, errno, "cannot open the data folder %.300s", folder);
    int status = know_surroundings(docker, cancel_fd, err);
    if (status)
        return status;
    pthread_mutex_lock(&docker->lock);
    *ret_place = decide(docker, real);
    pthread_mutex_unlock(&docker->lock);
    return 0;
}

bool docker_sees_processes(struct docker *docker) {
    pthread_mutex_lock(&docker->lock);
    bool sees = docker->known && !docker->known->self && !docker_engine_is_remote(docker->engine);
    pthread_mutex_unlock(&docker->lock);
    return sees;
}

void docker_data_doubt(struct docker *docker) {
    pthread_mutex_lock(&docker->lock);
    docker->sees_no_folder = true;
    pthread_mutex_unlock(&docker->lock);
}

int docker_need_of(const struct sandbox_request *request, struct docker_need *ret_need,
                   struct err *err) {
    struct stat status;
    cleanup_free char *file = path_join(request->data_folder, "data.sqlite");
    if (!path_is_folder(request->data_folder))
        return err_set_errno(err, errno ? errno : ENOTDIR, "cannot open the data folder %.300s",
                             request->data_folder);
    if (stat(file, &status) < 0)
        return err_set(err, ERR_NOT_FOUND, "there is no data set in %.300s", request->data_folder);
    *ret_need = (struct docker_need){.folder = mem_text(request->data_folder),
                                     .dataset = mem_text(request->dataset),
                                     .cpu_s = request->timeout_ms / 1000 + 2,
                                     .inode = (int64_t)status.st_ino,
                                     .size_bytes = status.st_size,
                                     .changed_ns = (int64_t)status.st_mtim.tv_sec * 1000000000 +
                                                   status.st_mtim.tv_nsec};
    return 0;
}

struct docker_need docker_need_copy(const struct docker_need *need) {
    struct docker_need copy = *need;
    copy.folder = mem_text(need->folder);
    copy.dataset = mem_text(need->dataset);
    return copy;
}

bool docker_need_is_equal(const struct docker_need *left, const struct docker_need *right) {
    return left->cpu_s == right->cpu_s && left->inode == right->inode &&
           left->size_bytes == right->size_bytes && left->changed_ns == right->changed_ns &&
           str_is_equal(left->folder, right->folder) && str_is_equal(left->dataset, right->dataset);
}

void docker_need_done(struct docker_need *need) {
    free(need->folder);
    free(need->dataset);
    *need = (struct docker_need){0};
}
