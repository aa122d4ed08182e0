// SPDX-License-Identifier: Apache-2.0
//
// Charts for tests: what a template makes of values, without files of its own.
#pragma once

#include "helm/helm.h"

// A chart in check_folder() with these templates, values (YAML) and schema (NULL for none).
const char *helm_chart(const char *template, const char *values, const char *schema);
// What helm_chart()'s template/notes renders to as notes; where it fails, the message. The text
// lives as long as the test.
const char *helm_text(const char *template, const char *values);
// Adds or replaces a file of the chart.
void helm_chart_file(const char *path, const char *text);
