// SPDX-License-Identifier: Apache-2.0
//
// Rendered files as manifests: one document each, in the order of installing.
#pragma once

#include "helm/helm.h"
#include "helm/value.h"

struct release {
    struct pool *pool;
    struct helm_manifest *manifests;
    struct value *parsed; // each as a value
    size_t count, room;
    bool is_strict; // a key that stands twice is an error
    bool is_random; // of what is added
    size_t fixed;   // so many at the front stay where they are: definitions of resources
};

// Adds the documents of TEXT, which was rendered from PATH; one that holds nothing but comments has
// no kind and stays, one of nothing at all is left out. ERR_BAD_REQUEST with path and line where
// one is no YAML.
int release_add(struct release *release, const char *path, struct text text, struct err *err);
// By kind as Helm installs them, hooks behind the others; equal ones stay as they were added.
void release_sort(struct release *release);
// Whether each can be what it says: apiVersion, kind and a valid name are there, labels and
// annotations are texts, fields at the top and of metadata are of known names, nothing comes twice.
// ERR_BAD_REQUEST.
int release_validate(const struct release *release, struct err *err);
