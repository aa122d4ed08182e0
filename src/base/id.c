// SPDX-License-Identifier: Apache-2.0
//
// See id.h.
#include "base/id.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void id_random(void *out, size_t length) {
    for (size_t done = 0; done < length;) {
        ssize_t got = getrandom((char *)out + done, length - done, 0);
        if (got <= 0)
            abort(); // the kernel's generator cannot fail once the machine is up; without it no id
                     // is safe
        done += (size_t)got;
    }
}

void id_make(char out[ID_SIZE]) {
    unsigned char random[16];
    uint64_t time_ms = (uint64_t)clock_wall_ms();
    id_random(random, sizeof random);
    for (int i = 9; i >= 0; i--, time_ms >>= 5)
        out[i] = alphabet[time_ms & 31];
    for (int i = 0; i < 16; i++)
        out[10 + i] = alphabet[random[i] & 31];
    out[26] = '\0';
}

bool id_is_valid(const char *text) {
    return strlen(text) == ID_SIZE - 1 && text[strspn(text, alphabet)] == '\0';
}
