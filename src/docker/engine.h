// SPDX-License-Identifier: Apache-2.0
//
// A connection to a Docker daemon (docs.docker.com/reference/api/engine): where it is, which
// version of its API is spoken, and how its refusals read. The calls themselves are in container.h.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"
#include "net/peer.h"

// The fields in use are all in 1.40 (Docker 19.03, 2019); nothing newer than 1.51 was looked at.
#define DOCKER_API_OLDEST 40
#define DOCKER_API_NEWEST 51

struct docker_engine;

// HOST as in DOCKER_HOST: "unix:///PATH" or "tcp://HOST:PORT", "" for the usual socket. CERT_PATH
// (NULL or "" for none) is a folder with ca.pem, cert.pem and key.pem: then TCP goes through TLS.
// Without VERIFY any certificate of the daemon's is taken, as Docker's own client does it. Nothing
// is connected to yet. ERR_BAD_REQUEST.
int docker_engine_open(const char *host, const char *cert_path, bool verify,
                       struct docker_engine **ret_engine, struct err *err);
void docker_engine_close(struct docker_engine *engine);
// "Docker at unix:///var/run/docker.sock"
const char *docker_engine_title(const struct docker_engine *engine);
bool docker_engine_is_remote(const struct docker_engine *engine); // reached by TCP

struct docker_call {
    const char *method;
    const char *path;                 // behind the version
    const json *body;                 // NULL is none
    net_body_function *body_function; // a tar archive in place of `body`
    void *body_context;
    int64_t body_bytes;
    int64_t timeout_ms;
    int cancel_fd; // -1 is none
};

// Makes the call; RET_ANSWER (may be NULL) is the answer's JSON, NULL where it has none. A daemon
// that is not to be reached or does not answer: ERR_UNAVAILABLE, with a hint of what to do. A
// refusal has the daemon's own words: ERR_NOT_FOUND (404), ERR_CONFLICT (409), ERR_BAD_REQUEST
// (400), ERR_REFUSED (401, 403), else ERR_IO. ERR_CANCELLED.
int docker_call(struct docker_engine *engine, const struct docker_call *call, json **ret_answer,
                struct err *err);
// The same for a call that becomes a stream of bytes.
int docker_call_stream(struct docker_engine *engine, const struct docker_call *call,
                       struct net_stream **ret_stream, struct err *err);
// The API's version that both sides speak, "1.41"; asks the daemon where that is not known yet.
int docker_engine_version(struct docker_engine *engine, int cancel_fd, char ret_version[16],
                          struct err *err);
