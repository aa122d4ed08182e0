// SPDX-License-Identifier: Apache-2.0
//
// What has methods, or fields of its own: .Chart, .Capabilities, .Files, versions and times.
#pragma once

#include "helm/engine.h"
#include "helm/semver.h"

extern const struct value_class object_chart, object_capabilities, object_kube_version,
    object_helm_version, object_version_set, object_files, object_version, object_time;

// A parsed version, whose fields are Major, Minor, Patch, Prerelease, Metadata, Original.
struct value object_new_version(struct pool *pool, const struct semver *version,
                                struct text original);
struct value object_new_time(struct pool *pool, int64_t unix_s);
int64_t object_unix_s(const struct value_object *time);
