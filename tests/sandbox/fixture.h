// SPDX-License-Identifier: Apache-2.0
//
// What the sandbox tests share: the backend under test, a small data set, and a look at which
// processes there are.
//
// The environment says what is tested: SANDBOX_MODE (local, docker, k8s; local where it is not
// set), SANDBOX_POOL (how many are started ahead; none), and where the others are found
// (RUNNER_IMAGE, DOCKER_HOST, KUBECONFIG, KUBE_NAMESPACE), and with SANDBOX_DATASETS the folder
// that the cluster's Pods see as /data.
#pragma once

#include "runner/runner.h"
#include "sandbox/sandbox.h"

// What a test program may put in place of the runner's serving, and what else it may be started as
// (as check_other_main() in check.h).
int fixture_runner(const struct runner_options *options) __attribute__((weak));
int fixture_other_main(int argument_count, char **arguments) __attribute__((weak));

// Found out by trying, without the code under test, so that a test may be passed over for want of
// either: whether this user may have all the namespaces of a local sandbox, a /proc of its own
// among them, and whether it may make control groups with our controllers.
bool fixture_may_make_namespaces(void);
bool fixture_may_make_groups(void);

// A query that never ends by itself.
#define FIXTURE_ENDLESS                                                                            \
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"

const char *fixture_mode(void);
bool fixture_is_local(void);
// Settings for the backend under test; the caller may change them before sandbox_open().
struct sandbox_settings fixture_settings(void);
// Opens that backend with a memory limit, so many runs at a time and so many that may wait. It is
// closed when the test ends.
struct sandbox *fixture_open(int64_t memory_mb, int64_t max_concurrent, int64_t max_queued);

// A folder with a data set named "demo" of one table, t (a INTEGER, b TEXT, d DATE), with three
// rows.
const char *fixture_data(void);
// Makes its file one that is no database.
void fixture_damage_data(void);
// How many processes have TEXT in their command line; a data folder's path is in those of its
// runners only.
int fixture_count_processes(const char *text);
// Whether, within two seconds, none is left but those that were started ahead. What a daemon or a
// cluster runs elsewhere is looked for by the suites that start it.
int fixture_is_gone(const char *text);

// Kills the processes that fixture_count_processes() counts.
void fixture_kill(const char *text);
// Runs SQL on the database at PATH.
void fixture_execute(const char *path, const char *sql);

// A request for SQL over fixture_data(), and what came of it.
struct sandbox_request fixture_request(const char *sql, int64_t timeout_ms);
struct sandbox_result fixture_run(struct sandbox *sandbox, const struct sandbox_request *request);
const char *fixture_rows(const struct sandbox_result *result); // as JSON
const char *fixture_message(const struct sandbox_result *result);
