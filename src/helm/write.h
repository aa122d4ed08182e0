// SPDX-License-Identifier: Apache-2.0
//
// Values as JSON and YAML, to the byte as Go's encoding/json and sigs.k8s.io/yaml write them.
#pragma once

#include "helm/value.h"

enum write_flags {
    WRITE_PLAIN = 0,
    WRITE_ESCAPED = 1, // < > & as \u003c …, as json.Marshal does
    WRITE_INDENTED = 2,
};

// -1 where VALUE cannot be written: it is nested too deeply, not finite, or a struct of Helm's.
int write_json(struct buf *out, struct value value, enum write_flags flags);
// Without the last new line.
int write_yaml(struct buf *out, struct value value);
