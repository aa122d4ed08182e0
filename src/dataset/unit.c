// SPDX-License-Identifier: Apache-2.0
//
// See unit.h. Only units that are known are taken: "Name (English)" has none.
#include "dataset/unit.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

static const char *const units[] = {
    "%",          "km",         "m",      "cm",     "mm",      "mi",      "miles",  "mile",
    "ft",         "feet",       "in",     "inches", "inch",    "yd",      "yds",    "yards",
    "nmi",        "kg",         "g",      "mg",     "lb",      "lbs",     "oz",     "t",
    "st",         "l",          "L",      "ml",     "cl",      "hl",      "gal",    "s",
    "sec",        "secs",       "ms",     "min",    "mins",    "h",       "hr",     "hrs",
    "°C",         "°F",         "K",      "°",      "km²",     "km2",     "m²",     "m2",
    "m³",         "m3",         "ha",     "acres",  "sq mi",   "sq km",   "sq ft",  "mi²",
    "km/h",       "kmh",        "km/hr",  "mph",    "m/s",     "kn",      "kt",     "knots",
    "kW",         "MW",         "GW",     "kWh",    "MWh",     "GWh",     "TWh",    "hp",
    "V",          "A",          "W",      "Hz",     "kHz",     "MHz",     "GHz",    "KB",
    "MB",         "GB",         "TB",     "Mbit/s", "hPa",     "kPa",     "bar",    "psi",
    "kN",         "N",          "Nm",     "kcal",   "kJ",      "J",       "ppm",    "tonnes",
    "tons",       "years",      "days",   "hours",  "minutes", "seconds", "metres", "meters",
    "kilometres", "kilometers", "percent"};

static bool set_unit(const char *text, size_t length, char ret_unit[NUMBER_UNIT]) {
    if (length == 0 || length >= NUMBER_UNIT)
        return false;
    memcpy(ret_unit, text, length);
    ret_unit[length] = '\0';
    const char *currency = number_currency(ret_unit);
    if (currency)
        strcpy(ret_unit, currency);
    for (size_t i = 0; i < ARRAY_LENGTH(units) && !currency; i++)
        if (strcmp(units[i], ret_unit) == 0)
            return true;
    if (!currency)
        *ret_unit = '\0';
    return currency != NULL;
}

void unit_of_header(const char *header, char ret_unit[NUMBER_UNIT]) {
    size_t length = strlen(header);
    *ret_unit = '\0';
    if (length == 0)
        return;
    char last = header[length - 1];
    if (last == '%' || last == '$') {
        set_unit(header + length - 1, 1, ret_unit);
        return;
    }
    size_t open = length - 1;
    while (open && header[open] != (last == ')' ? '(' : '['))
        open--;
    if ((last == ')' || last == ']') && open)
        set_unit(header + open + 1, length - open - 2, ret_unit);
}
