// SPDX-License-Identifier: Apache-2.0
//
// The language model as the settings have it.
#pragma once

#include "cmd/settings.h"
#include "llm/llm.h"

// NULL where none is set. Connects to nothing. ERR_BAD_REQUEST for settings that do not go
// together, and what llm_new() says; the message names the setting.
int model_open(const struct settings *settings, struct llm **ret_llm, struct err *err);
// What one that people set while the server runs takes over from the settings. Texts are borrowed.
struct llm_settings model_base(const struct settings *settings);
