// SPDX-License-Identifier: Apache-2.0
//
// See form_weights.h. The file is part of the program as it is, in the byte order of the machines
// that we build for.
#include "plan/form_weights.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "form_weights.bin is little-endian");

__asm__(".section .rodata,\"a\"\n"
        ".balign 64\n"
        ".global form_weights\n"
        ".type form_weights, %object\n"
        "form_weights:\n"
        ".incbin \"src/plan/form_weights.bin\"\n"
        ".size form_weights, . - form_weights\n"
        ".previous\n");
