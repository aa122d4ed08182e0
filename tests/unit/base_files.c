// SPDX-License-Identifier: Apache-2.0
//
// Files, folders and the log: fd.h, path.h, log.h.
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/path.h"
#include "base/str.h"
#include "tests/unit/check.h"

static int files_in(const char *folder) {
    DIR *directory = opendir(folder);
    int count = 0;
    for (const struct dirent *entry; directory && (entry = readdir(directory));)
        count += *entry->d_name != '.';
    if (directory)
        closedir(directory);
    return count;
}

TEST(a_file_is_read_whole) {
    struct buf buf cleanup_buf = BUF(100);
    struct err err = {0};
    CHECK_OK(fd_read_file(check_file("a", "one\ntwo"), &buf, &err), err);
    CHECK_TEXT(buf_text(&buf), "one\ntwo");
}

TEST(a_file_exactly_at_the_ceiling_is_read_and_one_byte_more_is_too_large) {
    struct buf three cleanup_buf = BUF(3), two cleanup_buf = BUF(2);
    struct err err = {0};
    const char *path = check_file("a", "abc");
    CHECK_OK(fd_read_file(path, &three, &err), err);
    CHECK_INT(fd_read_file(path, &two, &err), ERR_TOO_LARGE);
    cleanup_free char *expected = mem_format("%s: more than 2 bytes", path);
    CHECK_TEXT(err.message, expected);
}

TEST(a_file_that_is_not_there_is_named) {
    struct buf buf cleanup_buf = BUF(3);
    struct err err = {0};
    cleanup_free char *path = path_join(check_folder(), "missing");
    CHECK_INT(fd_read_file(path, &buf, &err), ERR_NOT_FOUND);
    CHECK(strstr(err.message, path));
    CHECK_INT(fd_read_file(check_folder(), &buf, &err), ERR_IO); // a folder is no file
}

TEST(a_replaced_file_has_the_new_bytes_and_leaves_nothing_beside_it) {
    struct buf buf cleanup_buf = BUF(100);
    struct err err = {0};
    const char *path = check_file("a", "a longer old text");
    CHECK_OK(fd_replace_file(path, "new", 3, 0600, &err), err);
    CHECK_OK(fd_read_file(path, &buf, &err), err);
    CHECK_TEXT(buf_text(&buf), "new");
    CHECK_INT(files_in(check_folder()), 1);
}

TEST(a_file_that_cannot_be_replaced_stays_as_it_is_and_nothing_is_left_beside_it) {
    struct err err = {0};
    cleanup_free char *folder = path_join(check_folder(), "in-the-way");
    CHECK_OK(path_make_folder(folder, 0755, &err), err);
    CHECK_INT(fd_replace_file(folder, "new", 3, 0600, &err), ERR_IO);
    CHECK(strstr(err.message, folder));
    CHECK(path_is_folder(folder));
    CHECK_INT(files_in(check_folder()), 1);
}

TEST(writing_to_a_full_device_is_an_error) {
    cleanup_fd int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    struct err err = {0};
    if (fd < 0)
        check_skip("there is no /dev/full here");
    CHECK_INT(fd_write_all(fd, "x", 1, &err), ERR_IO);
    CHECK_TEXT(err.message, "cannot write: No space left on device");
}

TEST(closing_is_done_once_and_a_taken_descriptor_stays_open) {
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), taken = fd_take(&fd);
    CHECK_INT(fd, -1);
    fd_close(&fd);
    CHECK(fcntl(taken, F_GETFD) >= 0);
    int number = taken;
    fd_close(&taken);
    fd_close(&taken);
    CHECK_INT(fcntl(number, F_GETFD), -1);
}

TEST(paths_are_joined_by_one_slash) {
    static const char *const cases[][3] = {
        {"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"a///", "b", "a/b"}, {"/", "b", "/b"}};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        cleanup_free char *path = path_join(cases[i][0], cases[i][1]);
        CHECK_TEXT(path, cases[i][2]);
    }
    CHECK_TEXT(path_name("a/b.csv"), "b.csv");
    CHECK_TEXT(path_name("b.csv"), "b.csv");
}

TEST(a_folder_is_made_with_those_above_it_and_may_be_there_already) {
    struct err err = {0};
    cleanup_free char *deep = path_join(check_folder(), "one/two/three"),
                      *slash = mem_format("%s/", deep);
    CHECK_OK(path_make_folder(deep, 0700, &err), err);
    CHECK_OK(path_make_folder(deep, 0700, &err), err);
    CHECK_OK(path_make_folder(slash, 0700, &err), err);
    struct stat status;
    CHECK_INT(stat(deep, &status), 0);
    CHECK_INT(status.st_mode & 0777, 0700);
}

TEST(a_file_in_the_way_of_a_folder_is_named) {
    struct err err = {0};
    const char *file = check_file("file", "x");
    cleanup_free char *below = path_join(file, "below");
    CHECK_INT(path_make_folder(file, 0755, &err), ERR_IO);
    CHECK(strstr(err.message, "file is in the way"));
    CHECK_INT(path_make_folder(below, 0755, &err), ERR_IO);
    CHECK(strstr(err.message, below));
}

TEST(a_folder_is_no_file_and_a_file_no_folder) {
    const char *file = check_file("file", "x");
    CHECK(path_is_file(file) && !path_is_folder(file));
    CHECK(path_is_folder(check_folder()) && !path_is_file(check_folder()));
    CHECK(!path_is_file("/nowhere/at/all") && !path_is_folder("/nowhere/at/all"));
}

// What CALL writes to standard error.
#define LOGGED(ret_text, call)                                                                     \
    do {                                                                                           \
        int pipes[2], old = dup(STDERR_FILENO);                                                    \
        struct err log_err = {0};                                                                  \
        CHECK_INT(pipe(pipes), 0);                                                                 \
        dup2(pipes[1], STDERR_FILENO);                                                             \
        call;                                                                                      \
        dup2(old, STDERR_FILENO);                                                                  \
        close(pipes[1]);                                                                           \
        CHECK_OK(fd_read_all(pipes[0], ret_text, &log_err), log_err);                              \
    } while (0)

TEST(a_question_cannot_forge_a_line_of_the_log) {
    struct buf text cleanup_buf = BUF(10000);
    LOGGED(&text, log_warning("asked: %s", "x\n2026-01-01T00:00:00.000Z error   on fire\x1B[2J"));
    CHECK_INT(text.length - (size_t)(strchr(buf_text(&text), '\n') - text.data), 1);
    CHECK(strstr(buf_text(&text), "Z warning asked: x?2026"));
    CHECK(!strchr(buf_text(&text), '\x1B'));
}

TEST(a_long_line_of_the_log_is_cut_and_still_one_line) {
    struct buf text cleanup_buf = BUF(10000);
    LOGGED(&text, log_error("%05000d", 1));
    CHECK(text.length <= 2048 && text.length > 2000);
    CHECK_INT(buf_text(&text)[text.length - 1], '\n');
}

TEST(lines_below_the_level_are_left_out) {
    struct buf text cleanup_buf = BUF(10000);
    log_set_level(LOG_WARNING);
    LOGGED(&text, (log_info("quiet"), log_warning("loud")));
    CHECK(!strstr(buf_text(&text), "quiet") && strstr(buf_text(&text), "loud"));
}
