// SPDX-License-Identifier: Apache-2.0
//
// `app docker-proxy`: Docker's socket for one server, with nothing but sandboxes behind it. Once it
// listens it gives up every file and every network: the two sockets are all that it has.
#include "docker/proxy.h"

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>

#include "base/fd.h"
#include "base/landlock.h"
#include "base/log.h"
#include "base/str.h"
#include "cmd/house.h"
#include "cmd/identity.h"

static void log_refusal(const char *sentence) { log_warning("refused: %s", sentence); }

static struct docker_proxy_rules rules_of(const struct settings *settings) {
    return (struct docker_proxy_rules){
        .image = settings->image,
        .bind_folders = settings->proxy_binds ? settings->proxy_binds : "",
        .memory_bytes = settings->memory_mb * 1024 * 1024,
        .nano_cpus = settings->cpu_millis * 1000000,
        .pids = settings->pids,
    };
}

// A daemon that is reached over TLS has its certificates in files, and one over TCP a network.
static int lock(const struct docker_engine *engine, struct err *err) {
    int abi = 0;
    if (docker_engine_is_remote(engine))
        return 0;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return err_set(err, ERR_IO, "cannot set no_new_privs");
    int status = landlock_deny_all(&abi, err);
    if (status == 0 && abi == 0)
        log_warning("this kernel has no Landlock: the proxy can still open what its user may");
    return status;
}

static int serve(const struct settings *settings, int stop_fd, struct err *err) {
    struct docker_engine *engine = NULL;
    cleanup(docker_proxy_closep) struct docker_proxy *proxy = NULL;
    struct docker_proxy_settings proxy_settings = {.socket_path = settings->proxy_socket,
                                                   .rules = rules_of(settings),
                                                   .on_refusal = log_refusal};
    int status = docker_engine_open(settings->docker_host, settings->docker_cert_path,
                                    settings->docker_tls_verify, &engine, err);
    if (status)
        return status;
    status = docker_proxy_open(engine, &proxy_settings, &proxy, err);
    if (status == 0)
        status = lock(engine, err);
    if (status == 0) {
        printf("The Docker proxy is ready: unix://%s\n", settings->proxy_socket);
        fflush(stdout);
        status = docker_proxy_serve(proxy, stop_fd, err);
    }
    docker_engine_close(engine);
    return status;
}

static int run(const struct settings *settings) {
    struct err err = {0};
    sigset_t signals;
    int status = identity_take(settings, &err);
    house_prepare(settings);
    // Threads inherit the mask; only the descriptor takes the signals.
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    cleanup_fd int stop_fd = signalfd(-1, &signals, SFD_CLOEXEC);
    if (status == 0)
        status = serve(settings, stop_fd, &err);
    return status ? house_complain("docker-proxy", &err, status == ERR_BAD_REQUEST ? 2 : 1) : 0;
}

const struct command command_docker_proxy = {
    .name = "docker-proxy",
    .mask = FOR_PROXY,
    .synopsis = "[OPTION]…",
    .summary = "Docker's socket for a server, good for sandboxes only",
    .description =
        "Listens at a socket of its own for a server (DOCKER_HOST=unix://SOCKET) and makes the "
        "calls to Docker that a sandbox's container takes, of the one image and within the limits "
        "given, in its stead. Everything else is refused, and said on standard error. So the "
        "server needs no access to Docker's own socket, which is as good as being root.\n\n"
        "docs/docker.md has the table of what is let through.",
    .statuses = "0 stopped by a signal; 1 it could not start; 2 the command line is wrong.",
    .examples = "app docker-proxy --socket /run/sandglass/docker.sock --image sandglass:latest\n"
                "DOCKER_HOST=unix:///run/sandglass/docker.sock app serve --mode docker",
    .run = run,
};
