// SPDX-License-Identifier: Apache-2.0
//
// See house.h.
#include "cmd/house.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/provider.h"
#include "base/fd.h"
#include "base/id.h"
#include "base/log.h"
#include "base/path.h"
#include "base/str.h"
#include "cmd/model.h"

#define RESULT_BYTES (1024 * 1024)
#define TOKEN_BYTES 24

void house_prepare(const struct settings *settings) {
    static const char *const levels[] = {"debug", "info", "warning", "error"};
    for (size_t i = 0; i < ARRAY_LENGTH(levels); i++)
        if (str_is_equal(settings->log_level, levels[i]))
            log_set_level((enum log_level)i);
    signal(SIGPIPE, SIG_IGN);
}

int house_complain(const char *command, const struct err *err, int status) {
    size_t length = strlen(err->message);
    bool has_stop = length && strchr(".!?", err->message[length - 1]);
    fprintf(stderr, "app %s: %s%s%s%s\n", command, err->message, has_stop ? "" : ".",
            *err->hint ? " " : "", err->hint);
    return status;
}

int house_token(const struct settings *settings, char **ret_token, struct err *err) {
    cleanup_buf struct buf text = BUF(4096);
    if (str_is_empty(settings->access_token_file)) {
        *ret_token = str_is_empty(settings->access_token) ? NULL : mem_text(settings->access_token);
        return 0;
    }
    int status = fd_read_file(settings->access_token_file, &text, err);
    if (status)
        return err_prefix(err, "the access token");
    size_t length = strcspn(buf_text(&text), "\r\n");
    if (length == 0)
        return err_set(err, ERR_BAD_REQUEST, "the access token's file %s is empty",
                       settings->access_token_file);
    *ret_token = mem_text_n(buf_text(&text), length);
    return 0;
}

int house_own_token(const char *state, bool may_make, char **ret_token, struct err *err) {
    unsigned char secret[TOKEN_BYTES];
    char fresh[2 * TOKEN_BYTES + 1];
    cleanup_free char *path = path_join(state, HOUSE_TOKEN_FILE);
    cleanup_buf struct buf text = BUF(4096);
    int status = fd_read_file(path, &text, err);
    if (status == ERR_NOT_FOUND && may_make) {
        id_random(secret, sizeof secret);
        for (size_t i = 0; i < sizeof secret; i++)
            snprintf(fresh + 2 * i, 3, "%02x", secret[i]);
        buf_add_text(&text, fresh);
        status = fd_replace_file(path, fresh, 2 * TOKEN_BYTES, 0600, err);
    }
    if (status)
        return status;
    size_t length = strcspn(buf_text(&text), "\r\n");
    if (length == 0) {
        err_set(err, ERR_CORRUPT, "the access token's file %.300s is empty", path);
        return err_hint(err, "Remove it, and start the server anew: it then makes another.");
    }
    *ret_token = mem_text_n(buf_text(&text), length);
    return 0;
}

// ---- Folders ------------------------------------------------------------------------------------

char *house_state(const struct settings *settings) {
    if (!str_is_empty(settings->state_path))
        return mem_text(settings->state_path);
    const char *base = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (!str_is_empty(base))
        return path_join(base, "sandglass");
    if (!str_is_empty(home))
        return path_join(home, ".local/state/sandglass");
    return mem_text("/tmp/sandglass");
}

static char *default_datasets(void) {
    cleanup_free char *program = path_of_program();
    char *beside = path_join(program, "data"),
         *installed = path_join(program, "../share/sandglass/data");
    if (path_is_folder("/data"))
        strcpy(beside, "/data");
    if (path_is_folder(beside)) {
        free(installed);
        return beside;
    }
    free(beside);
    return installed;
}

static int make_temporary(char **ret_path, struct err *err) {
    const char *base = getenv("TMPDIR");
    char *path = path_join(str_is_empty(base) ? "/tmp" : base, "sandglass-XXXXXX");
    if (!mkdtemp(path)) {
        err_set_errno(err, errno, "cannot make a temporary folder like %s", path);
        free(path);
        return err->code;
    }
    *ret_path = path;
    return 0;
}

// Absolute, so that a daemon elsewhere can be told of it.
static char *datasets_of(const struct settings *settings) {
    char *path = str_is_empty(settings->datasets_path) ? default_datasets()
                                                       : mem_text(settings->datasets_path);
    char *absolute = realpath(path, NULL);
    if (!absolute)
        return path; // the catalogue says what is wrong with it
    free(path);
    return absolute;
}

static char *cache_of(const char *state) { return path_join(state, "datasets"); }

// Whether the folder is the one that was installed with the program.
static bool is_bundled(const char *datasets) {
    cleanup_free char *program = path_of_program();
    cleanup_free char *beside = path_join(program, "data"),
                      *installed = path_join(program, "../share/sandglass/data");
    cleanup_free char *real_beside = realpath(beside, NULL),
                      *real_installed = realpath(installed, NULL);
    return (real_beside && str_is_equal(datasets, real_beside)) ||
           (real_installed && str_is_equal(datasets, real_installed));
}

static int open_catalogue(const char *datasets, const char *state,
                          struct dataset_catalogue **ret_catalogue, struct err *err) {
    cleanup_free char *cache = cache_of(state);
    enum dataset_origin origin = is_bundled(datasets) ? DATASET_BUNDLED : DATASET_FOLDER;
    return dataset_catalogue_open(datasets, cache, origin, house_build_dataset, NULL, ret_catalogue,
                                  err);
}

// Where what people bring is kept, and whether anything is taken. Pods see a server's files only on
// a volume that both have, so there it is in the data sets' own folder, where that can be written.
static void choose_uploads(const struct settings *settings, const char *datasets, const char *state,
                           const char *backend, struct dataset_uploads_settings *uploads,
                           char **ret_folder) {
    bool is_kube = str_is_equal(backend, "k8s");
    uploads->is_shared = is_kube;
    *ret_folder = is_kube ? path_join(datasets, ".uploads") : path_join(state, "uploads");
    if (settings->upload_max_mb == 0) {
        err_set(&uploads->refusal, ERR_REFUSED, "this server takes no uploads");
        err_hint(&uploads->refusal, "Whoever runs it can allow them with UPLOAD_MAX_MB.");
    } else if (is_kube && (str_is_empty(settings->kube_data_claim) || access(datasets, W_OK) < 0)) {
        err_set(&uploads->refusal, ERR_REFUSED,
                "this server takes no uploads: its sandboxes are Pods, which see no file of it");
        err_hint(&uploads->refusal, "Give it a volume for data sets that it can write and that "
                                    "Pods can read (KUBE_DATA_CLAIM, mounted at DATASETS_PATH).");
    }
}

static int open_uploads(const struct settings *settings, const char *datasets, const char *state,
                        const char *backend, bool is_owner, struct dataset_catalogue *catalogue,
                        struct dataset_uploads **ret_uploads, struct err *err) {
    cleanup_free char *folder = NULL;
    struct dataset_uploads_settings uploads = {.max_bytes = settings->upload_max_mb << 20,
                                               .total_bytes = settings->upload_total_mb << 20,
                                               .read = house_import};
    choose_uploads(settings, datasets, state, backend, &uploads, &folder);
    uploads.folder = folder;
    return dataset_uploads_open(&uploads, is_owner, catalogue, ret_uploads, err);
}

int house_take_uploads(const struct settings *settings, struct house *house, struct err *err) {
    dataset_uploads_close(house->uploads);
    house->uploads = NULL;
    return open_uploads(settings, house->datasets_path, house->state_path,
                        sandbox_backend(house->sandbox), false, house->catalogue, &house->uploads,
                        err);
}

int house_open_catalogue(const struct settings *settings, struct dataset_catalogue **ret_catalogue,
                         struct err *err) {
    cleanup_free char *state = house_state(settings);
    cleanup_free char *datasets = datasets_of(settings);
    struct dataset_uploads *uploads cleanup(dataset_uploads_closep) = NULL;
    int status = open_catalogue(datasets, state, ret_catalogue, err);
    return status
               ? status
               : open_uploads(settings, datasets, state, "", false, *ret_catalogue, &uploads, err);
}

// ---- The house ----------------------------------------------------------------------------------

// The name by which a server knows what it left behind when it died: kept in its state folder, or
// made anew where there is none to keep.
static int read_server_id(const char *state, char **ret_id, struct err *err) {
    cleanup_buf struct buf text = BUF(256);
    cleanup_free char *path = path_join(state, "server-id");
    char fresh[ID_SIZE];
    struct err why;
    int status = fd_read_file(path, &text, &why);
    if (status && status != ERR_NOT_FOUND) {
        *err = why;
        return status;
    }
    bool is_kept = status == 0 && id_is_valid(buf_text(&text));
    if (!is_kept)
        id_make(fresh);
    *ret_id = mem_text(is_kept ? buf_text(&text) : fresh);
    return is_kept ? 0 : fd_replace_file(path, fresh, ID_SIZE - 1, 0644, err);
}

static int open_sandbox(const struct settings *settings, struct house *house, struct err *err) {
    struct sandbox_settings sandbox = {
        .mode = settings->mode,
        .memory_mb = settings->memory_mb,
        .cpu_millis = settings->cpu_millis,
        .pids = settings->pids,
        .max_concurrent = settings->max_concurrent_runs,
        .max_queued = settings->max_queued_runs,
        .strict = settings->strict,
        .local_pool = settings->local_pool,
        .timeout_ms = settings->timeout_ms,
        .server_id = house->server_id,
        .datasets_path = house->datasets_path,
        .image = settings->image,
        .docker = {.host = settings->docker_host,
                   .cert_path = settings->docker_cert_path,
                   .tls_verify = settings->docker_tls_verify,
                   .pool = settings->docker_pool},
        .kube = {.config_path = settings->kube_config,
                 .config_context = settings->kube_context,
                 .name_space = settings->kube_namespace,
                 .service_account = settings->kube_service_account,
                 .node_selector = settings->kube_node_selector,
                 .pull_secrets = settings->kube_pull_secrets,
                 .pull_policy = settings->kube_pull_policy,
                 .tolerations = settings->kube_tolerations,
                 .runtime_class = settings->kube_runtime_class,
                 .priority_class = settings->kube_priority_class,
                 .data_claim = settings->kube_data_claim,
                 .owner = settings->kube_owner,
                 .pool = settings->kube_pool,
                 .request_cpu_millis = settings->kube_request_cpu_millis,
                 .request_memory_mb = settings->kube_request_memory_mb},
    };
    return sandbox_open(&sandbox, &house->sandbox, err);
}

static struct agent_settings agent_settings_of(const struct settings *settings,
                                               const struct house *house) {
    int planner = agent_planner_from_name(settings->planner);
    return (struct agent_settings){
        .max_rows = settings->max_rows,
        .timeout_ms = settings->timeout_ms,
        .max_result_bytes = RESULT_BYTES,
        .planner = planner < 0 ? AGENT_BUILTIN : (enum agent_planner)planner,
        .llm = house->llm,
        .keeps_cells = str_is_equal(settings->llm_share, "schema"),
        .llm_base = model_base(settings),
        .model_path = house->model_path,
        .max_steps = settings->agent_max_steps,
        .max_tokens = settings->agent_max_tokens,
        .approves_runs = settings->approve_runs,
        .approve_timeout_ms = settings->approve_timeout_ms,
    };
}

int house_open(const struct settings *settings, bool is_temporary, struct house *ret_house,
               struct err *err) {
    struct house house = {.state_path = house_state(settings),
                          .datasets_path = datasets_of(settings)};
    const char *store_path = house.state_path;
    int status = model_open(settings, &house.llm, err);
    if (status == 0 && is_temporary)
        status = make_temporary(&house.temporary_path, err);
    if (house.temporary_path)
        store_path = house.temporary_path;
    if (status == 0)
        status = store_open(store_path, &house.store, err);
    if (status == 0)
        status = read_server_id(store_path, &house.server_id, err);
    if (status == 0)
        status = open_sandbox(settings, &house, err);
    if (status == 0)
        status = open_catalogue(house.datasets_path, house.state_path, &house.catalogue, err);
    if (status == 0)
        status = open_uploads(settings, is_temporary ? store_path : house.datasets_path, store_path,
                              sandbox_backend(house.sandbox), true, house.catalogue, &house.uploads,
                              err);
    if (status) {
        house_close(&house);
        return status;
    }
    house.model_path = path_join(house.state_path, "model.json");
    struct agent_settings agent = agent_settings_of(settings, &house);
    house.agent = agent_new(house.store, house.sandbox, house.catalogue, &agent);
    struct err unloaded; // the built-in planner answers all the same
    if (provider_load(house.agent, &unloaded))
        log_error("%s; no model is asked until it is set anew", unloaded.message);
    *ret_house = house;
    return 0;
}

void house_close(struct house *house) {
    agent_free(house->agent);
    dataset_uploads_close(house->uploads);
    dataset_catalogue_close(house->catalogue);
    sandbox_close(house->sandbox);
    store_close(house->store);
    llm_free(house->llm);
    if (house->temporary_path)
        path_remove_folder(house->temporary_path);
    free(house->temporary_path);
    free(house->state_path);
    free(house->model_path);
    free(house->datasets_path);
    free(house->server_id);
    *house = (struct house){0};
}

size_t house_clean(const struct house *house) {
    cleanup_free char *cache = cache_of(house->state_path);
    return dataset_catalogue_clean(house->catalogue, cache);
}

struct web_house house_for_web(const struct house *house) {
    return (struct web_house){house->agent, house->store, house->sandbox, house->catalogue,
                              house->uploads};
}
