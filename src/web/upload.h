// SPDX-License-Identifier: Apache-2.0
//
// A file that somebody uploads, taken piece by piece; web_upload() in routes.h answers once it is
// whole.
#pragma once

#include "web/request.h"

// By the headers alone. MHD_YES with is_refused unset lets the file come, be it to be thrown away.
enum MHD_Result web_upload_begin(struct web_request *request);
// A piece of it. MHD_NO closes the connection: what comes is not worth waiting for.
enum MHD_Result web_upload_take(struct web_request *request, const char *bytes, size_t length);
// At the end of every request; one that was broken off leaves nothing.
void web_upload_drop(struct web_request *request);
