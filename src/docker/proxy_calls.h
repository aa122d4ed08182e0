// SPDX-License-Identifier: Apache-2.0
//
// The calls that the Docker proxy makes in its client's stead, and what it passes on of the
// answers: the members that the executor looks at, and no other.
#pragma once

#include "docker/proxy_policy.h"

// Makes a call that is answered by JSON; ORDER is that of a PROXY_CREATE. RET_ANSWER is NULL where
// there is nothing to say. As docker_call(); ERR_REFUSED for a container that is no sandbox.
int docker_proxy_perform(struct docker_engine *engine, const struct docker_proxy_rules *rules,
                         const struct docker_proxy_call *call,
                         const struct docker_proxy_order *order, struct docker_limit limit,
                         json **ret_answer, struct err *err);
// That the container NAME is a sandbox by its labels. ERR_REFUSED, ERR_NOT_FOUND.
int docker_proxy_check_labels(struct docker_engine *engine, const char *name,
                              struct docker_limit limit, struct err *err);
