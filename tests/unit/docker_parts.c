// SPDX-License-Identifier: Apache-2.0
//
// Docker's stream of frames, and what is found out without a daemon: its address, our own
// container.
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "docker/frames.h"
#include "sandbox/docker.h"
#include "tests/unit/check.h"

static int note(void *context, int stream, const char *bytes, size_t length) {
    struct buf *text = context;
    buf_add_format(text, "%d:", stream);
    return buf_add(text, bytes, length) || buf_add_char(text, '|') ? ERR_TOO_LARGE : 0;
}

static int feed(const char *bytes, size_t length, size_t piece, struct buf *ret_text) {
    struct docker_frames frames = {.on_bytes = note, .context = ret_text};
    struct err err = {0};
    int status = 0;
    for (size_t at = 0; at < length && status == 0; at += piece)
        status = docker_frames_feed(&frames, bytes + at, length - at < piece ? length - at : piece,
                                    &err);
    return status;
}

static const char four[] = "\1\0\0\0\0\0\0\3abc\2\0\0\0\0\0\0\2de\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\1f";

TEST(frames_are_taken_apart_by_stream) {
    struct buf text = BUF(256);
    CHECK_INT(feed(four, sizeof four - 1, 1000, &text), 0);
    CHECK_TEXT(buf_text(&text), "1:abc|2:de|1:f|");
    buf_done(&text);
}

TEST(frames_may_arrive_a_byte_at_a_time) {
    struct buf text = BUF(256);
    CHECK_INT(feed(four, sizeof four - 1, 1, &text), 0);
    CHECK_TEXT(buf_text(&text), "1:a|1:b|1:c|2:d|2:e|1:f|");
    buf_done(&text);
}

TEST(a_stream_that_is_no_frames_is_corrupt) {
    struct buf text = BUF(256);
    CHECK_INT(feed("HTTP/1.1 500", 12, 12, &text), ERR_CORRUPT);
    CHECK_INT(feed("\3\0\0\0\0\0\0\1x", 9, 9, &text), ERR_CORRUPT);
    CHECK_INT(feed("\1\0\1\0\0\0\0\1x", 9, 9, &text), ERR_CORRUPT);
    CHECK_TEXT(buf_text(&text), "");
}

TEST(a_taker_that_has_enough_ends_the_stream) {
    struct buf text = BUF(4);
    CHECK_INT(feed(four, sizeof four - 1, 5, &text), ERR_TOO_LARGE);
    buf_done(&text);
}

// Header bytes claim 4 GiB; nothing is set aside for them.
TEST(a_frame_may_claim_any_length) {
    struct buf text = BUF(64);
    CHECK_INT(feed("\1\0\0\0\377\377\377\377xy", 10, 10, &text), 0);
    CHECK_TEXT(buf_text(&text), "1:xy|");
    buf_done(&text);
}

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

TEST(a_container_finds_its_id_in_its_mounts) {
    char id[DOCKER_ID_SIZE] = "";
    CHECK_INT(docker_own_id("512 500 0:50 / / rw - overlay overlay rw\n"
                            "520 512 254:0 /docker/data/containers/" ID
                            "/hostname /etc/hostname rw,relatime - ext4 /dev/vda rw\n",
                            id),
              0);
    CHECK_TEXT(id, ID);
}

TEST(a_machine_that_runs_containers_is_none_itself) {
    char id[DOCKER_ID_SIZE] = "";
    CHECK_INT(docker_own_id("22 1 254:0 / / rw - ext4 /dev/vda rw\n"
                            "99 22 0:60 / /var/lib/docker/containers/" ID
                            "/mounts/shm rw - tmpfs shm rw\n",
                            id),
              -1);
    CHECK_INT(docker_own_id("30 22 254:0 /other/hostname /etc/hostname rw - ext4 /dev/vda rw\n"
                            "31 22 254:0 /x/containers/short/hosts /etc/hosts rw - ext4 a rw\n",
                            id),
              -1);
    CHECK_INT(docker_own_id("", id), -1);
}

static void check_mapped(const char *folder, const char *expected) {
    json *mounts = cJSON_Parse(
        "[{\"Type\":\"bind\",\"Source\":\"/srv/tables\",\"Destination\":\"/data\"},"
        "{\"Type\":\"volume\",\"Name\":\"up\",\"Source\":\"/var/lib/docker/volumes/up/_data\","
        "\"Destination\":\"/data/uploads\"},"
        "{\"Type\":\"tmpfs\",\"Source\":\"\",\"Destination\":\"/data/uploads/scratch\"}]");
    char *mapped = docker_map_folder(mounts, folder);
    CHECK_TEXT(mapped, expected);
    free(mapped);
    json_free(mounts);
}

TEST(a_folder_is_mapped_through_the_mount_that_is_nearest_to_it) {
    check_mapped("/data/weather", "/srv/tables/weather");
    check_mapped("/data", "/srv/tables");
    check_mapped("/data/uploads/mine", "/var/lib/docker/volumes/up/_data/mine");
}

TEST(a_folder_that_no_mount_covers_is_not_mapped) {
    check_mapped("/database/weather", NULL);
    check_mapped("/", NULL);
    check_mapped("/data/uploads/scratch/mine", NULL);
}

static void check_host(const char *host, const char *cert_path, bool verify, int expected,
                       const char *hint) {
    struct docker_engine *engine;
    struct err err = {0};
    int status = docker_engine_open(host, cert_path, verify, &engine, &err);
    if (status != expected)
        check_fail(__FILE__, __LINE__, "%s: %d %s", host, status, err.message);
    if (status == 0)
        docker_engine_close(engine);
    else if (!strstr(err.hint, hint))
        check_fail(__FILE__, __LINE__, "%s: the hint is \"%s\"", host, err.hint);
}

TEST(docker_hosts_are_sockets_and_addresses) {
    check_host("", NULL, false, 0, "");
    check_host("unix:///run/user/1000/docker.sock", NULL, false, 0, "");
    check_host("tcp://127.0.0.1:2375", NULL, false, 0, "");
    check_host("tcp://[::1]:2375/", NULL, false, 0, "");
    check_host("tcp://docker.example", NULL, false, 0, "");
    check_host("ssh://me@host", NULL, false, ERR_BAD_REQUEST, "ssh -L");
    check_host("unix://docker.sock", NULL, false, ERR_BAD_REQUEST, "unix:///PATH");
    check_host("tcp://", NULL, false, ERR_BAD_REQUEST, "unix:///PATH");
    check_host("tcp://host:1/path", NULL, false, ERR_BAD_REQUEST, "unix:///PATH");
    check_host("/var/run/docker.sock", NULL, false, ERR_BAD_REQUEST, "unix:///PATH");
}

TEST(tls_needs_its_certificates) {
    check_host("tcp://host:2376", NULL, true, ERR_BAD_REQUEST, "ca.pem");
    check_host("tcp://host:2376", "/nowhere", true, ERR_BAD_REQUEST, "ca.pem");
    check_file("ca.pem", "x"), check_file("cert.pem", "x"), check_file("key.pem", "x");
    check_host("tcp://host:2376", check_folder(), true, 0, "");
}
