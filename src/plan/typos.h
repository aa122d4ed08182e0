// SPDX-License-Identifier: Apache-2.0
//
// Words that are nearly others: "strkes", "Texs".
#pragma once

#include "plan/rank.h"

// The question with each word that RANKING left over, and that nothing is linked to, replaced by
// the one word of the schema, of its commonest values or of the lexicon that is nearest to it; NULL
// where there is nothing to replace. RET_NOTE says what was: "read “strkes” as “strikes”".
const char *typos_correct(const struct question *question, const struct ranking *ranking,
                          const char **ret_note);
