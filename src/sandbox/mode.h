// SPDX-License-Identifier: Apache-2.0
//
// Which backend there is by name, and which is taken where none is named.
#pragma once

#include "sandbox/backend.h"

// The backend of settings->mode; for "auto" the cluster's inside a Kubernetes Pod, else the local
// one where the kernel gives it namespaces or no Docker Engine can be reached, else Docker's.
// ERR_BAD_REQUEST for a mode that does not exist.
int mode_choose(const struct sandbox_settings *settings, const struct backend **ret_backend,
                struct err *err);
