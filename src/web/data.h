// SPDX-License-Identifier: Apache-2.0
//
// One data set as the API shows it.
#pragma once

#include "web/request.h"

// All that is known of the data set NAME, or the problem that there is none.
enum MHD_Result web_reply_dataset(struct web_request *request, unsigned status, const char *name);
