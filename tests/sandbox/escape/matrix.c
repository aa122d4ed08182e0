// SPDX-License-Identifier: Apache-2.0
//
// Theory of operation. This program is both ends of a run. As the server it opens a sandbox of a
// backend and asks it, probe by probe, for a run whose SQL is the probe's name; each run is a fresh
// sandbox. The backend starts /proc/self/exe (or, in a container, the same file as /app) as its
// runner, which builds its walls and then probes instead of serving (fixture_runner, below).
//
// Which walls it builds must be known before it reads the request. The one text of ours that every
// backend gives to its runner at the start is the data set's name: it ends in "-all" or in
// "-outer". It also has the server's process id in it, so that whatever a run left behind is found
// by it.
//
// Where the inner wall is tried alone, the server lives in a user namespace in which no other may
// be made; the runner then falls back to what it does on such a machine. Where there is no wall at
// all, the prober is a child process in a mount and a UTS namespace to throw away.
#include "tests/sandbox/escape/matrix.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "tests/sandbox/fixture.h"
#include "tests/unit/check.h"

#define ALL "all"
#define OUTER "outer"
#define MEMORY_MB 160 // more than /tmp may hold, so that the two limits are told apart
#define GONE_LIMIT_MS 2000
#define TIMEOUT_MS 5000
#define BOMB_TIMEOUT_MS 1500
#define IMAGE_SCRIPT "tests/sandbox/escape/image.sh"

const struct column columns[COLUMN_COUNT] = {
    [COLUMN_LOCAL] = {.title = "local", .about = "all walls of a local sandbox", .mode = "local"},
    [COLUMN_OUTER] = {.title = "local, outer wall alone",
                      .about = "namespaces, root and cgroups, but no Landlock, no system call "
                               "filter, no rlimits",
                      .mode = "local",
                      .without_inner_wall = true},
    [COLUMN_INNER] = {.title = "local, inner wall alone",
                      .about = "what is left where the kernel gives no namespaces: Landlock, "
                               "system call filter, rlimits",
                      .mode = "local",
                      .refuses_namespaces = true},
    [COLUMN_DOCKER] = {.title = "Docker",
                       .about = "a container of the Docker backend, and the runner's inner wall",
                       .mode = "docker"},
    [COLUMN_CONTAINER] = {.title = "Docker, container alone",
                          .about = "the same container without the inner wall",
                          .mode = "docker",
                          .without_inner_wall = true},
    [COLUMN_KUBE] = {.title = "Kubernetes",
                     .about = "a Pod of the Kubernetes backend, and the runner's inner wall",
                     .mode = "k8s"},
    [COLUMN_POD] = {.title = "Kubernetes, Pod alone",
                    .about = "the same Pod without the inner wall",
                    .mode = "k8s",
                    .without_inner_wall = true},
    [COLUMN_BARE] = {.title = "no wall",
                     .about = "root outside of any sandbox: what the prober can see at all"},
};

const struct probe *matrix_probe(size_t index, const struct theme **ret_theme) {
    for (size_t i = 0; i < theme_count; i++) {
        if (ret_theme)
            *ret_theme = themes[i];
        if (index < themes[i]->count)
            return &themes[i]->probes[index];
        index -= themes[i]->count;
    }
    return NULL;
}

struct matrix *matrix_new(void) {
    // Shared, because a column may be tried by a child process.
    struct matrix *matrix =
        mmap(NULL, sizeof *matrix, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (matrix == MAP_FAILED)
        check_fail(__FILE__, __LINE__, "no memory for the matrix");
    return matrix;
}

// ---- The runner's end

int fixture_runner(const struct runner_options *options) {
    struct runner_options mine = *options;
    bool with_inner_wall =
        !str_has_suffix(str_is_empty(options->dataset) ? "" : options->dataset, "-" OUTER);
    // The outer wall alone, or nothing: never a bomb without any wall.
    mine.strict |= !with_inner_wall;
    return runner_inside(&mine, with_inner_wall, probe_serve, &mine);
}

// ---- What there is to aim at

static struct {
    char data_folder[128], secret[128], abstract_name[64];
    int listeners[2];
} world;

static void listen_at(int index, const char *name, size_t length) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, name, length);
    if (*name == '@')
        *address.sun_path = '\0';
    int fd = world.listeners[index] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    if (bind(fd, (const void *)&address, size) < 0 || listen(fd, 64) < 0)
        check_fail(__FILE__, __LINE__, "cannot listen on %s: %s", name, strerror(errno));
}

static void write_text(const char *path, const char *text, mode_t mode) {
    cleanup_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    struct err err = {0};
    if (fd < 0 || fd_write_all(fd, text, strlen(text), &err) || fchmod(fd, mode) < 0)
        check_fail(__FILE__, __LINE__, "cannot write %s: %s", path, strerror(errno));
}

// Everybody may read it all and change the data, so that nothing but walls is in the way.
static void make_world(void) {
    char path[160];
    const char *folder = check_folder();
    if (*world.secret)
        return;
    signal(SIGPIPE, SIG_IGN);
    umask(0);
    chmod(folder, 0755);
    snprintf(world.data_folder, sizeof world.data_folder, "%s/data", folder);
    snprintf(path, sizeof path, "%s/state", folder);
    if (mkdir(world.data_folder, 0777) < 0 || mkdir(path, 0755) < 0)
        check_fail(__FILE__, __LINE__, "cannot make folders in %s", folder);
    snprintf(path, sizeof path, "%s/data.sqlite", world.data_folder);
    write_text(path, MATRIX_DATA, 0666);
    snprintf(world.secret, sizeof world.secret, "%s/state/secret", folder);
    write_text(world.secret, "a token\n", 0644);
    snprintf(path, sizeof path, "%s.socket", world.secret);
    listen_at(0, path, strlen(path) + 1);
    chmod(path, 0777);
    snprintf(world.abstract_name, sizeof world.abstract_name, "@sandglass-probe-%ld",
             (long)getpid());
    listen_at(1, world.abstract_name, strlen(world.abstract_name));
}

static json *params_of_world(void) {
    json *params = cJSON_CreateArray();
    cJSON_AddItemToArray(params, cJSON_CreateNumber((double)getpid()));
    cJSON_AddItemToArray(params, cJSON_CreateString(world.secret));
    cJSON_AddItemToArray(params, cJSON_CreateString(world.abstract_name));
    return params;
}

// ---- One probe

static void untried(struct finding *cell, const char *why) {
    cell->verdict = UNTRIED;
    snprintf(cell->detail, sizeof cell->detail, "%s", why);
}

static void read_finding(const json *result, struct finding *ret_cell) {
    static const char *const names[] = {
        [HELD] = "held", [OPEN] = "open", [ABSENT] = "absent", [UNTRIED] = "untried"};
    const json *row = cJSON_GetArrayItem(cJSON_GetObjectItem(result, "rows"), 0);
    const json *verdict = cJSON_GetArrayItem(row, 0), *detail = cJSON_GetArrayItem(row, 1);
    untried(ret_cell, "no finding came back");
    for (size_t i = 0; i < ARRAY_LENGTH(names) && cJSON_IsString(verdict); i++) {
        if (strcmp(verdict->valuestring, names[i]) != 0)
            continue;
        ret_cell->verdict = (enum verdict)i;
        snprintf(ret_cell->detail, sizeof ret_cell->detail, "%s",
                 cJSON_IsString(detail) ? detail->valuestring : "");
    }
}

static const char *signal_name(int number) {
    static char other[24];
    static const struct {
        int number;
        const char *name;
    } names[] = {{SIGSYS, "SIGSYS"},   {SIGKILL, "SIGKILL"}, {SIGSEGV, "SIGSEGV"},
                 {SIGXCPU, "SIGXCPU"}, {SIGBUS, "SIGBUS"},   {SIGPIPE, "SIGPIPE"}};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
        if (names[i].number == number)
            return names[i].name;
    snprintf(other, sizeof other, "signal %d", number);
    return other;
}

// The runner was ended. That holds a bomb, and a call that the filter kills for; of any other probe
// it says nothing.
static void judge_end(const struct probe *probe, const struct sandbox_result *result,
                      struct finding *ret_cell) {
    const char *message = json_text(cJSON_GetObjectItem(result->result, "error"), "message");
    const char *found = message ? strstr(message, "signal ") : NULL;
    int number = found && result->outcome == OUTCOME_KILLED ? atoi(found + 7) : 0;
    bool is_bomb = probe->traits & IS_BOMB;
    if (number && (is_bomb || number == SIGSYS)) {
        held(ret_cell, "killed %s", signal_name(number));
    } else if (is_bomb &&
               (result->outcome == OUTCOME_TIMED_OUT || result->outcome == OUTCOME_OUT_OF_MEMORY ||
                result->outcome == OUTCOME_RESULT_TOO_LARGE)) {
        held(ret_cell, "%s", outcome_name(result->outcome));
    } else {
        ret_cell->verdict = UNTRIED;
        snprintf(ret_cell->detail, sizeof ret_cell->detail, "%s: %.120s",
                 outcome_name(result->outcome), message ? message : "");
    }
}

// MARK is in the command line of everything that a run starts, in a container of this machine too.
static bool is_gone(const char *mark) {
    for (int waited_ms = 0; waited_ms < GONE_LIMIT_MS; waited_ms += 10) {
        if (fixture_count_processes(mark) == 0)
            return true;
        usleep(10000);
    }
    return false;
}

static void conclude(const struct probe *probe, const struct sandbox_result *result,
                     const char *mark, struct finding *ret_cell) {
    if (result->outcome == OUTCOME_COMPLETED)
        read_finding(result->result, ret_cell);
    else
        judge_end(probe, result, ret_cell);
    bool has_kept_short = result->log && strlen(result->log) <= LIMIT_RUN_LOG;
    if (probe->traits & FLOODS_LOG && ret_cell->verdict == OPEN && has_kept_short)
        held(ret_cell, "cut");
    if (!is_gone(mark))
        opened(ret_cell, "left a process behind");
    else if (probe->traits & LEAVES_CHILD && ret_cell->verdict == OPEN)
        held(ret_cell, "ended with its sandbox");
}

static struct finding try_in(struct sandbox *sandbox, const struct probe *probe,
                             const char *dataset, struct sandbox_result *ret_result) {
    struct finding cell = {.verdict = UNTRIED};
    cleanup_json json *params = params_of_world();
    bool is_bomb = probe->traits & IS_BOMB;
    struct sandbox_request request = {.run_id = "PROBE",
                                      .dataset = dataset,
                                      .data_folder = world.data_folder,
                                      .sql = probe->name,
                                      .params = params,
                                      .max_rows = 1,
                                      .timeout_ms = is_bomb ? BOMB_TIMEOUT_MS : TIMEOUT_MS,
                                      .max_result_bytes = 1048576};
    sandbox_run(sandbox, &request, NULL, NULL, NULL, ret_result);
    conclude(probe, ret_result, dataset, &cell);
    return cell;
}

// ---- Without any wall

static _Noreturn void be_bare(const int in[2], const int out[2]) {
    // What is mounted and named here is thrown away with the process.
    bool is_apart = unshare(CLONE_NEWNS | CLONE_NEWUTS) == 0 &&
                    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
    if (!is_apart && geteuid() == 0)
        _exit(9);
    // As the runner has it.
    char path[160];
    snprintf(path, sizeof path, "%s/data.sqlite", world.data_folder);
    if (open(path, O_RDONLY | O_CLOEXEC) < 0)
        _exit(9);
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    close(in[1]);
    close(out[0]);
    alarm(10);
    _exit(probe_serve(&(struct runner_options){0}));
}

static struct finding try_bare(const struct probe *probe) {
    struct finding cell = {.verdict = UNTRIED};
    cleanup_json json *params = params_of_world(), *result = NULL;
    cleanup_buf struct buf line = BUF(LIMIT_RUN_RESULT);
    struct run_request request = {.run_id = "PROBE",
                                  .dataset = "bare",
                                  .sql = probe->name,
                                  .params = params,
                                  .max_rows = 1,
                                  .timeout_ms = TIMEOUT_MS,
                                  .max_result_bytes = 1048576};
    cleanup_free char *text = run_request_write(&request);
    struct err err = {0};
    enum outcome outcome;
    int in[2], out[2], status;
    if (probe->traits & (NOT_BARE | IS_BOMB)) {
        untried(&cell, "");
        return cell;
    }
    if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
        check_fail(__FILE__, __LINE__, "cannot make a pipe");
    pid_t child = fork();
    if (child == 0)
        be_bare(in, out);
    close(in[0]);
    close(out[1]);
    fd_write_all(in[1], text, strlen(text), &err);
    close(in[1]);
    fd_read_all(out[0], &line, &err);
    close(out[0]);
    waitpid(child, &status, 0);
    if (run_result_parse(buf_text(&line), line.length, "PROBE", &result, &outcome, &err) == 0)
        read_finding(result, &cell);
    else
        snprintf(cell.detail, sizeof cell.detail, "ended with status %d", status);
    return cell;
}

// ---- Columns

static void fill_settings(const struct column *column, struct sandbox_settings *settings) {
    static char server_id[32];
    snprintf(server_id, sizeof server_id, "probe-%ld", (long)getpid());
    *settings = (struct sandbox_settings){
        .mode = column->mode,
        .memory_mb = MEMORY_MB,
        .cpu_millis = 500,
        .pids = 64,
        .max_concurrent = 1,
        .timeout_ms = TIMEOUT_MS,
        .server_id = server_id,
        .datasets_path = world.data_folder,
        .image = strcmp(column->mode, "k8s") == 0 ? getenv("PROBE_IMAGE") : server_id,
        .docker = {.host = getenv("DOCKER_HOST"),
                   .cert_path = getenv("DOCKER_CERT_PATH"),
                   .tls_verify = !str_is_empty(getenv("DOCKER_TLS_VERIFY"))},
        .kube = {.config_path = getenv("KUBECONFIG"), .name_space = getenv("KUBE_NAMESPACE")},
    };
}

static void settle_absent(struct matrix *matrix, int column) {
    for (size_t i = 0; matrix_probe(i, NULL); i++) {
        struct finding *cell = &matrix->cells[column][i];
        // What is there outside, and not inside, was kept away.
        if (cell->verdict == ABSENT && matrix->cells[COLUMN_BARE][i].verdict != ABSENT)
            cell->verdict = HELD;
    }
}

static void try_all(struct matrix *matrix, int index) {
    const struct column *column = &columns[index];
    char dataset[64], *reason = matrix->reasons[index];
    struct sandbox_settings settings;
    struct sandbox *sandbox;
    struct sandbox_result result;
    struct err err = {0};
    const struct probe *probe;
    fill_settings(column, &settings);
    snprintf(dataset, sizeof dataset, "probe-%ld-%s", (long)getpid(),
             column->without_inner_wall ? OUTER : ALL);
    if (sandbox_open(&settings, &sandbox, &err)) {
        snprintf(reason, sizeof matrix->reasons[index], "%s", err.message);
        return;
    }
    for (size_t i = 0; !*reason && (probe = matrix_probe(i, NULL)); i++) {
        matrix->cells[index][i] = try_in(sandbox, probe, dataset, &result);
        if (result.outcome == OUTCOME_SANDBOX_UNAVAILABLE)
            snprintf(reason, sizeof matrix->reasons[index], "%s",
                     json_text(cJSON_GetObjectItem(result.result, "error"), "message"));
        else if (column->refuses_namespaces && !strstr(result.log, "weaker wall"))
            snprintf(reason, sizeof matrix->reasons[index],
                     "the kernel gave namespaces where it was told not to");
        sandbox_result_done(&result);
    }
    sandbox_close(sandbox);
    settle_absent(matrix, index);
}

static bool write_proc(pid_t pid, const char *name, const char *text) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, name);
    cleanup_fd int fd = open(path, O_WRONLY | O_CLOEXEC);
    return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

// Gives the user namespace of CHILD the same ids that we have, and forbids others in it.
static bool settle_namespace(pid_t child) {
    char own_uid[32], own_gid[32];
    bool is_root = geteuid() == 0;
    snprintf(own_uid, sizeof own_uid, "%u %u 1", geteuid(), geteuid());
    snprintf(own_gid, sizeof own_gid, "%u %u 1", getegid(), getegid());
    if (!is_root && !write_proc(child, "setgroups", "deny"))
        return false;
    return write_proc(child, "uid_map", is_root ? "0 0 65536" : own_uid) &&
           write_proc(child, "gid_map", is_root ? "0 0 65536" : own_gid);
}

static void try_refused(struct matrix *matrix, int index) {
    int up[2], down[2], status;
    char byte = 0;
    char *reason = matrix->reasons[index];
    if (pipe2(up, O_CLOEXEC) < 0 || pipe2(down, O_CLOEXEC) < 0)
        check_fail(__FILE__, __LINE__, "cannot make a pipe");
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        bool is_apart = unshare(CLONE_NEWUSER) == 0;
        if (write(up[1], &byte, 1) != 1 || read(down[0], &byte, 1) != 1 || !is_apart || !byte ||
            !write_proc(getpid(), "../sys/user/max_user_namespaces", "0"))
            snprintf(reason, sizeof matrix->reasons[index],
                     "this kernel gives no user namespace to try it in");
        else
            try_all(matrix, index);
        _exit(0);
    }
    byte = read(up[0], &byte, 1) == 1 && settle_namespace(child);
    status = write(down[1], &byte, 1) == 1 ? 0 : 1;
    waitpid(child, &status, 0);
    if (status && !*reason)
        snprintf(reason, sizeof matrix->reasons[index], "the process that tried it ended with %d",
                 status);
    for (int i = 0; i < 2; i++) {
        close(up[i]);
        close(down[i]);
    }
}

static int run_image_script(const char *verb) {
    cleanup_free char *command = mem_format(IMAGE_SCRIPT " %s probe-%ld /proc/%ld/exe", verb,
                                            (long)getpid(), (long)getpid());
    return system(command);
}

static void try_docker(struct matrix *matrix, int index) {
    char *reason = matrix->reasons[index];
    if (str_is_empty(getenv("DOCKER_HOST"))) {
        snprintf(reason, sizeof matrix->reasons[index], "DOCKER_HOST names no Docker engine");
    } else if (run_image_script("make") != 0) {
        snprintf(reason, sizeof matrix->reasons[index], "the prober's image cannot be made");
    } else {
        try_all(matrix, index);
        run_image_script("remove");
    }
}

void matrix_try(struct matrix *matrix, int index) {
    const struct column *column = &columns[index];
    const struct probe *probe;
    make_world();
    if (index == COLUMN_BARE)
        for (size_t i = 0; (probe = matrix_probe(i, NULL)); i++)
            matrix->cells[index][i] = try_bare(probe);
    else if (strcmp(column->mode, "docker") == 0)
        try_docker(matrix, index);
    else if (strcmp(column->mode, "k8s") == 0 && str_is_empty(getenv("PROBE_IMAGE")))
        snprintf(matrix->reasons[index], sizeof matrix->reasons[index],
                 "PROBE_IMAGE names no image of the prober that a cluster could pull");
    else if (column->refuses_namespaces)
        try_refused(matrix, index);
    else
        try_all(matrix, index);
}
