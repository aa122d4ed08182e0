// SPDX-License-Identifier: Apache-2.0
//
// What the invented shop sells, where, and to whom: the words and fixed figures of generate.c.
// Changing any of them changes the tables.
#pragma once

#include <stdint.h>

enum {
    BRANDS = 20,
    CATEGORIES = 8,
    NOUNS = 10,
    VARIANTS = 3,
    COUNTRIES = 10,
    CITIES = 4,
    FIRST_NAMES = 60,
    LAST_NAMES = 56,
};

struct noun {
    const char *name;
    uint32_t cents, grams; // grams 0: not recorded
};

struct category {
    const char *name;
    const char *variants[VARIANTS]; // %s is the noun
    uint16_t price_percent[VARIANTS];
    uint16_t weight_of_month[12]; // beside the other categories, from January
    uint16_t return_permille;     // of its order lines
    uint8_t brands[3];            // indexes into brands
    struct noun nouns[NOUNS];
};

struct country {
    const char *name;
    uint16_t weight, dial_code, fee_cents;
    const char *cities[CITIES];
};

extern const char *const brands[BRANDS];
extern const struct category categories[CATEGORIES];
extern const struct country countries[COUNTRIES];
extern const uint16_t city_weights[CITIES];
extern const char *const first_names[FIRST_NAMES];
extern const char *const last_names[LAST_NAMES];
