// SPDX-License-Identifier: Apache-2.0
//
// Makes the tables of the data set `shop`: generate DIRECTORY writes customers.csv, products.csv,
// orders.csv and order_lines.csv there, over what is there already. The shop and everyone in it
// are invented.
//
// The files are the same on every machine, byte for byte: integers only, our own random numbers,
// no clock, no locale, no environment, and no order that a library or a compiler could choose: of
// the values in an initializer at most one is drawn, as their order is not fixed. Every table has
// a random stream of its own, so changing one leaves the others as they are.
//
// A day is the number of days since 2021-01-01. Orders are made day by day from FIRST_DAY to
// LAST_DAY, which is also the day on which the shop is looked at: what was ordered shortly before
// it has not arrived yet, and has no returns and no rating. Money is in euro cents.
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "words.h"

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

enum {
    FIRST_YEAR = 2021,
    FIRST_DAY = 1095, // 2024-01-01
    LAST_DAY = 1825,  // 2025-12-31
    CUSTOMERS = 2400,
    ORDERS = 20600, // about: the noise of the days is on top
    FIRST_ORDER_ID = 10001,
    PRODUCTS = CATEGORIES * NOUNS * VARIANTS,
    PRODUCTS_OF_CATEGORY = NOUNS * VARIANTS,
    MAX_LINES = 8,
    MISSING = UINT16_MAX,
};

// ---- Random numbers ------------------------------------------------------------------------
// PCG-XSH-RR 64/32 as described in M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient
// Statistically Good Algorithms for Random Number Generation" (HMC-CS-2014-0905), section 6.3.1.

struct random {
    uint64_t state, increment;
};

static uint32_t random_next(struct random *random) {
    uint64_t old = random->state;
    random->state = old * 6364136223846793005U + random->increment;
    uint32_t mixed = (uint32_t)(((old >> 18) ^ old) >> 27);
    uint32_t turn = (uint32_t)(old >> 59);
    return mixed >> turn | mixed << (-turn & 31);
}

static struct random random_stream(uint64_t seed, uint64_t stream) {
    struct random random = {.state = 0, .increment = stream << 1 | 1};
    random_next(&random);
    random.state += seed;
    random_next(&random);
    return random;
}

// 0 … BOUND - 1, each as likely: what would favour the low ones is drawn again.
static uint32_t random_below(struct random *random, uint32_t bound) {
    uint32_t least = -bound % bound;
    uint32_t drawn;
    do
        drawn = random_next(random);
    while (drawn < least);
    return drawn % bound;
}

static uint32_t random_between(struct random *random, uint32_t low, uint32_t high) {
    return low + random_below(random, high - low + 1);
}

static bool random_chance(struct random *random, uint32_t permille) {
    return random_below(random, 1000) < permille;
}

static uint32_t random_weighted(struct random *random, const uint16_t *weights, uint32_t count) {
    uint32_t sum = 0, i = 0;
    for (uint32_t j = 0; j < count; j++)
        sum += weights[j];
    uint32_t drawn = random_below(random, sum);
    for (; drawn >= weights[i]; i++)
        drawn -= weights[i];
    return i;
}

// 0 … COUNT - 1 in random order.
static void random_order(struct random *random, uint32_t *ret_numbers, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        uint32_t j = random_below(random, i + 1);
        ret_numbers[i] = ret_numbers[j];
        ret_numbers[j] = i;
    }
}

// The first numbers of the reference implementation's demonstration (seed 42, stream 54).
static bool random_is_right(void) {
    static const uint32_t expected[] = {0xa15c02b7, 0x7b47f409, 0xba1d3330,
                                        0x83d2f293, 0xbfa4784b, 0xcbed606e};
    struct random random = random_stream(42, 54);
    for (uint32_t i = 0; i < COUNT(expected); i++)
        if (random_next(&random) != expected[i])
            return false;
    return true;
}

enum stream { STREAM_PRODUCTS = 1, STREAM_CUSTOMERS, STREAM_ORDERS };

static const uint64_t SEED = 20240101;

// ---- Days ----------------------------------------------------------------------------------

struct date {
    uint32_t year, month, day; // month and day from 1
};

static struct date date_of(uint32_t day) {
    static const uint8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    struct date date = {FIRST_YEAR, 1, 1};
    for (;;) {
        bool is_leap = date.year % 4 == 0; // true until 2100
        uint32_t length = lengths[date.month - 1] + (uint32_t)(is_leap && date.month == 2);
        if (day < length)
            break;
        day -= length;
        date.month++;
        if (date.month > 12) {
            date.month = 1;
            date.year++;
        }
    }
    date.day += day;
    return date;
}

// 0 is Monday; 2021-01-01 was a Friday.
static uint32_t weekday_of(uint32_t day) { return (day + 4) % 7; }

// The last Friday of November to the Monday after it. Those four days may reach into December.
static bool is_black_friday(uint32_t day) {
    uint32_t since_friday = (weekday_of(day) + 3) % 7;
    if (since_friday > 3)
        return false;
    struct date friday = date_of(day - since_friday);
    return friday.month == 11 && friday.day >= 24;
}

// ---- Products ------------------------------------------------------------------------------

struct product {
    uint32_t id, category, noun, variant, brand;
    uint32_t cents_2024, cents; // until the end of 2024, and since
    uint32_t grams;             // 0: not recorded
    uint32_t last_day;          // on which it was sold
    uint16_t weight;            // within its category
};

// A price as shops write it: 4.49, 12.90, 249.00.
static uint32_t priced(uint32_t cents) {
    if (cents < 1000)
        return cents - cents % 50 + 49;
    return cents - cents % 100 + (cents < 10000 ? 90 : 0);
}

static void make_products(struct product *ret_products) {
    struct random random = random_stream(SEED, STREAM_PRODUCTS);
    uint32_t ids[PRODUCTS];
    random_order(&random, ids, PRODUCTS);
    for (uint32_t c = 0; c < CATEGORIES; c++) {
        uint32_t ranks[PRODUCTS_OF_CATEGORY];
        random_order(&random, ranks, PRODUCTS_OF_CATEGORY);
        for (uint32_t n = 0; n < NOUNS; n++) {
            const struct noun *noun = &categories[c].nouns[n];
            uint32_t brand = categories[c].brands[random_below(&random, 3)];
            uint32_t rise = random_chance(&random, 600) ? random_between(&random, 2, 9) : 0;
            for (uint32_t v = 0; v < VARIANTS; v++) {
                uint32_t i = n * VARIANTS + v;
                uint32_t cents = noun->cents * categories[c].price_percent[v] / 100;
                bool is_ended = random_chance(&random, 70);
                ret_products[c * PRODUCTS_OF_CATEGORY + i] = (struct product){
                    .id = ids[c * PRODUCTS_OF_CATEGORY + i] + 1,
                    .category = c,
                    .noun = n,
                    .variant = v,
                    .brand = brand,
                    .cents_2024 = priced(cents * (100 - rise) / 100),
                    .cents = priced(cents),
                    .grams = noun->grams * categories[c].price_percent[v] / 100,
                    .last_day = is_ended ? random_between(&random, FIRST_DAY + 200, LAST_DAY - 60)
                                         : LAST_DAY,
                    .weight = (uint16_t)(60000 / (ranks[i] + 3)),
                };
            }
        }
    }
}

// ---- Customers -----------------------------------------------------------------------------

struct customer {
    uint32_t joined; // day; customers are in the order of it, and number i has id i + 1
    uint32_t country, city;
    uint32_t first_name, last_name;
    bool is_business;
    uint32_t birth_year, opt_in, phone; // MISSING where not known; the phone's last three digits
    uint64_t weight_until;              // weights of this one and all before it
};

static int compare_days(const void *a, const void *b) {
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

static void make_customers(struct customer *ret_customers) {
    struct random random = random_stream(SEED, STREAM_CUSTOMERS);
    uint16_t country_weights[COUNTRIES];
    uint32_t joined[CUSTOMERS], ranks[CUSTOMERS], names[FIRST_NAMES * LAST_NAMES];
    for (uint32_t i = 0; i < COUNTRIES; i++)
        country_weights[i] = countries[i].weight;
    for (uint32_t i = 0; i < CUSTOMERS; i++)
        joined[i] = random_chance(&random, 480) ? random_between(&random, 59, FIRST_DAY - 1)
                                                : random_between(&random, FIRST_DAY, LAST_DAY);
    qsort(joined, CUSTOMERS, sizeof(joined[0]), compare_days);
    random_order(&random, ranks, CUSTOMERS);
    random_order(&random, names, COUNT(names));
    uint64_t weight = 0;
    for (uint32_t i = 0; i < CUSTOMERS; i++) {
        struct customer *customer = &ret_customers[i];
        weight += 10000000 / (ranks[i] + 30);
        *customer = (struct customer){
            .joined = joined[i],
            .first_name = names[i] % FIRST_NAMES,
            .last_name = names[i] / FIRST_NAMES,
            .weight_until = weight,
            .birth_year = MISSING,
            .opt_in = MISSING,
            .phone = MISSING,
        };
        customer->country = random_weighted(&random, country_weights, COUNTRIES);
        customer->city = random_weighted(&random, city_weights, CITIES);
        customer->is_business = random_chance(&random, ranks[i] < 80 ? 550 : 90);
        if (!customer->is_business && random_chance(&random, 820))
            customer->birth_year = 1945 + random_below(&random, 31) + random_below(&random, 31);
        if (random_chance(&random, 880))
            customer->opt_in = random_chance(&random, 420);
        if (random_chance(&random, customer->is_business ? 940 : 570))
            customer->phone = random_below(&random, 1000);
    }
}

// A customer who had joined by DAY; few of them buy much, and many a little.
static uint32_t pick_customer(struct random *random, const struct customer *customers,
                              uint32_t day) {
    uint32_t low = 0, high = CUSTOMERS;
    while (low < high) { // how many had joined
        uint32_t middle = (low + high) / 2;
        if (customers[middle].joined <= day)
            low = middle + 1;
        else
            high = middle;
    }
    uint64_t drawn = random_below(random, (uint32_t)customers[low - 1].weight_until);
    high = low - 1;
    low = 0;
    while (low < high) { // the first whose weights reach past what was drawn
        uint32_t middle = (low + high) / 2;
        if (customers[middle].weight_until > drawn)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

// ---- Orders --------------------------------------------------------------------------------

enum channel { WEB, MOBILE_APP, MARKETPLACE, STORE };
static const char *const channel_names[] = {"web", "app", "marketplace", "store"};

enum payment { CARD, WALLET, BANK_TRANSFER, INVOICE };
static const char *const payment_names[] = {"card", "wallet", "bank transfer", "invoice"};

enum status { PROCESSING, IN_TRANSIT, DELIVERED, CANCELLED, RETURNED };
static const char *const status_names[] = {"processing", "in transit", "delivered", "cancelled",
                                           "returned"};

struct line {
    const struct product *product;
    uint32_t quantity, cents, discount_percent, returned;
};

struct order {
    uint32_t id, customer, day, shipped; // shipped MISSING: not yet, or never
    enum channel channel;
    enum payment payment;
    enum status status;
    uint32_t fee_cents, rating; // rating MISSING: none given
    struct line lines[MAX_LINES];
    uint32_t line_count;
};

// How busy DAY is beside others: growth, season, day of the week and the great sales.
static uint64_t busyness(uint32_t day) {
    static const uint16_t months[] = {88, 82, 92, 94, 98, 96, 92, 88, 96, 104, 120, 180};
    static const uint16_t weekdays[] = {108, 103, 100, 98, 95, 90, 112};
    struct date date = date_of(day);
    uint64_t busy = 1000 + 380 * (uint64_t)(day - FIRST_DAY) / (LAST_DAY - FIRST_DAY);
    busy = busy * months[date.month - 1] * weekdays[weekday_of(day)];
    if (is_black_friday(day))
        busy = busy * 190 / 100;
    if (date.month == 12 && date.day > 23)
        busy = busy * 45 / 100;
    return busy;
}

static const struct product *pick_product(struct random *random, const struct product *products,
                                          const struct order *order) {
    uint16_t weights[PRODUCTS_OF_CATEGORY], months[CATEGORIES];
    uint32_t month = date_of(order->day).month - 1;
    for (uint32_t i = 0; i < CATEGORIES; i++)
        months[i] = categories[i].weight_of_month[month];
    for (;;) {
        uint32_t category = order->line_count > 0 && random_chance(random, 350)
                                ? order->lines[0].product->category
                                : random_weighted(random, months, CATEGORIES);
        const struct product *shelf = &products[category * PRODUCTS_OF_CATEGORY];
        for (uint32_t i = 0; i < PRODUCTS_OF_CATEGORY; i++)
            weights[i] = shelf[i].last_day >= order->day ? shelf[i].weight : 0;
        for (uint32_t i = 0; i < order->line_count; i++) // none twice in one order
            if (order->lines[i].product->category == category)
                weights[order->lines[i].product - shelf] = 0;
        uint32_t left = 0;
        for (uint32_t i = 0; i < PRODUCTS_OF_CATEGORY; i++)
            left += weights[i];
        if (left > 0)
            return &shelf[random_weighted(random, weights, PRODUCTS_OF_CATEGORY)];
    }
}

static uint32_t pick_discount(struct random *random, uint32_t day) {
    static const uint16_t weights[] = {30, 34, 16, 12, 5, 3};
    struct date date = date_of(day);
    uint32_t permille = 150;
    if (is_black_friday(day))
        permille = 620;
    else if (date.month == 1 || date.month == 7)
        permille = 340;
    else if (date.month == 12)
        permille = 230;
    if (!random_chance(random, permille))
        return 0;
    return 5 * (1 + random_weighted(random, weights, COUNT(weights)));
}

static void add_lines(struct random *random, const struct product *products, bool is_business,
                      struct order *order) {
    static const uint16_t counts[MAX_LINES] = {280, 270, 180, 115, 70, 45, 25, 15};
    static const uint16_t quantities[] = {700, 180, 60, 35, 15, 10};
    uint32_t count = 1 + random_weighted(random, counts, COUNT(counts));
    while (order->line_count < count) {
        const struct product *product = pick_product(random, products, order);
        uint32_t quantity = 1 + random_weighted(random, quantities, COUNT(quantities));
        if (is_business)
            quantity += random_below(random, 6);
        order->lines[order->line_count++] = (struct line){
            .product = product,
            .quantity = quantity,
            .cents = date_of(order->day).year == 2024 ? product->cents_2024 : product->cents,
            .discount_percent = pick_discount(random, order->day),
        };
    }
}

static void choose_channel_and_payment(struct random *random, bool is_business,
                                       struct order *order) {
    // The app grows at the cost of the web.
    uint16_t moved = (uint16_t)(200 * (order->day - FIRST_DAY) / (LAST_DAY - FIRST_DAY));
    const uint16_t channels[] = {(uint16_t)(520 - moved), (uint16_t)(170 + moved), 190, 120};
    static const uint16_t payments[2][4] = {{520, 300, 110, 70}, {250, 40, 260, 450}};
    static const uint16_t store_payments[] = {800, 200, 0, 0};
    order->channel = (enum channel)random_weighted(random, channels, COUNT(channels));
    order->payment = (enum payment)random_weighted(
        random, order->channel == STORE ? store_payments : payments[is_business], 4);
}

static void ship(struct random *random, const struct country *country, struct order *order) {
    static const uint16_t delays[] = {240, 380, 200, 90, 50, 25, 15};
    if (order->channel == STORE) { // handed over at once
        order->shipped = order->day;
        order->status = DELIVERED;
        return;
    }
    uint64_t value = 0;
    for (uint32_t i = 0; i < order->line_count; i++) {
        const struct line *line = &order->lines[i];
        value += (uint64_t)line->quantity * line->cents * (100 - line->discount_percent) / 100;
    }
    order->fee_cents = value >= 6000 ? 0 : country->fee_cents;
    if (random_chance(random, 30)) {
        order->status = CANCELLED;
        order->fee_cents = 0;
        order->line_count = 0;
        return;
    }
    uint32_t shipped = order->day + random_weighted(random, delays, COUNT(delays));
    if (weekday_of(shipped) == 6)
        shipped++;
    if (shipped > LAST_DAY)
        return;
    order->shipped = shipped;
    order->status = shipped + random_between(random, 1, 4) > LAST_DAY ? IN_TRANSIT : DELIVERED;
}

static void return_and_rate(struct random *random, struct order *order) {
    static const uint16_t stars[4][5] = {
        [WEB] = {3, 5, 13, 36, 43},
        [MOBILE_APP] = {3, 4, 10, 34, 49},
        [MARKETPLACE] = {6, 9, 18, 36, 31},
        [STORE] = {1, 3, 8, 33, 55},
    };
    static const uint16_t stars_after_return[] = {18, 22, 26, 22, 12};
    if (order->status != DELIVERED)
        return;
    uint32_t kept = 0, returned = 0;
    for (uint32_t i = 0; i < order->line_count; i++) {
        struct line *line = &order->lines[i];
        uint32_t permille = categories[line->product->category].return_permille;
        if (order->shipped + 21 <= LAST_DAY && random_chance(random, permille))
            line->returned = random_chance(random, 850) ? line->quantity
                                                        : random_between(random, 1, line->quantity);
        returned += line->returned;
        kept += line->quantity - line->returned;
    }
    if (kept == 0)
        order->status = RETURNED;
    if (random_chance(random, 340))
        order->rating =
            1 +
            random_weighted(random, returned > 0 ? stars_after_return : stars[order->channel], 5);
}

static struct order make_order(struct random *random, const struct product *products,
                               const struct customer *customers, uint32_t id, uint32_t day) {
    struct order order = {.id = id, .day = day, .shipped = MISSING, .rating = MISSING};
    order.customer = pick_customer(random, customers, day);
    const struct customer *customer = &customers[order.customer];
    order.status = PROCESSING;
    choose_channel_and_payment(random, customer->is_business, &order);
    add_lines(random, products, customer->is_business, &order);
    ship(random, &countries[customer->country], &order);
    return_and_rate(random, &order);
    return order;
}

// ---- Files ---------------------------------------------------------------------------------

static FILE *create(const char *folder, const char *name, const char *header) {
    size_t size = strlen(folder) + 1 + strlen(name) + 1;
    char *path = malloc(size);
    if (path == NULL)
        abort();
    snprintf(path, size, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    free(path);
    fprintf(file, "%s\n", header);
    return file;
}

static void finish(FILE *file, const char *name) {
    bool is_bad = ferror(file) != 0;
    if (fclose(file) != 0 || is_bad) {
        fprintf(stderr, "generate: %s could not be written whole\n", name);
        exit(1);
    }
}

static void put_date(FILE *file, uint32_t day) {
    if (day == MISSING)
        return;
    struct date date = date_of(day);
    fprintf(file, "%04" PRIu32 "-%02" PRIu32 "-%02" PRIu32, date.year, date.month, date.day);
}

static void put_money(FILE *file, uint32_t cents) {
    fprintf(file, "%" PRIu32 ".%02" PRIu32, cents / 100, cents % 100);
}

// A text cell: PATTERN with NOUN for its %s, in quotes where CSV (RFC 4180) asks for them.
static void put_name(FILE *file, const char *pattern, const char *noun) {
    bool is_quoted = strpbrk(pattern, ",\"") != NULL || strpbrk(noun, ",\"") != NULL;
    const char *slot = strstr(pattern, "%s");
    const char *parts[] = {pattern, noun, slot + 2};
    const size_t lengths[] = {(size_t)(slot - pattern), strlen(noun), strlen(slot + 2)};
    if (is_quoted)
        fputc('"', file);
    for (uint32_t i = 0; i < COUNT(parts); i++)
        for (size_t j = 0; j < lengths[i]; j++) {
            if (parts[i][j] == '"')
                fputc('"', file);
            fputc(parts[i][j], file);
        }
    if (is_quoted)
        fputc('"', file);
}

static void write_products(const char *folder, const struct product *products) {
    FILE *file = create(folder, "products.csv",
                        "product_id,name,category,brand,list_price,weight_g,discontinued");
    const struct product *by_id[PRODUCTS];
    for (uint32_t i = 0; i < PRODUCTS; i++)
        by_id[products[i].id - 1] = &products[i];
    for (uint32_t i = 0; i < PRODUCTS; i++) {
        const struct product *product = by_id[i];
        const struct category *category = &categories[product->category];
        fprintf(file, "%" PRIu32 ",", product->id);
        put_name(file, category->variants[product->variant], category->nouns[product->noun].name);
        fprintf(file, ",%s,%s,", category->name, brands[product->brand]);
        put_money(file, product->cents);
        fputc(',', file);
        if (product->grams > 0)
            fprintf(file, "%" PRIu32, product->grams);
        fprintf(file, ",%s\n", product->last_day < LAST_DAY ? "true" : "false");
    }
    finish(file, "products.csv");
}

static void write_customers(const char *folder, const struct customer *customers) {
    FILE *file =
        create(folder, "customers.csv",
               "customer_id,name,segment,country,city,joined_on,birth_year,email_opt_in,phone");
    for (uint32_t i = 0; i < CUSTOMERS; i++) {
        const struct customer *customer = &customers[i];
        const struct country *country = &countries[customer->country];
        fprintf(file, "%" PRIu32 ",%s %s,%s,%s,%s,", i + 1, first_names[customer->first_name],
                last_names[customer->last_name], customer->is_business ? "business" : "consumer",
                country->name, country->cities[customer->city]);
        put_date(file, customer->joined);
        fputc(',', file);
        if (customer->birth_year != MISSING)
            fprintf(file, "%" PRIu32, customer->birth_year);
        fprintf(file, ",%s,",
                customer->opt_in == MISSING ? ""
                : customer->opt_in          ? "true"
                                            : "false");
        if (customer->phone != MISSING) // too short to be anyone's
            fprintf(file, "+%u 555 01%03" PRIu32, (unsigned)country->dial_code, customer->phone);
        fputc('\n', file);
    }
    finish(file, "customers.csv");
}

static void write_order(FILE *orders, FILE *lines, const struct order *order) {
    fprintf(orders, "%" PRIu32 ",%" PRIu32 ",", order->id, order->customer + 1);
    put_date(orders, order->day);
    fputc(',', orders);
    put_date(orders, order->shipped);
    fprintf(orders, ",%s,%s,%s,", status_names[order->status], channel_names[order->channel],
            payment_names[order->payment]);
    put_money(orders, order->fee_cents);
    fputc(',', orders);
    if (order->rating != MISSING)
        fprintf(orders, "%" PRIu32, order->rating);
    fputc('\n', orders);
    for (uint32_t i = 0; i < order->line_count; i++) {
        const struct line *line = &order->lines[i];
        fprintf(lines, "%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",", order->id, i + 1,
                line->product->id, line->quantity);
        put_money(lines, line->cents);
        fprintf(lines, ",%" PRIu32 ",%" PRIu32 "\n", line->discount_percent, line->returned);
    }
}

static void write_orders(const char *folder, const struct product *products,
                         const struct customer *customers) {
    FILE *orders = create(folder, "orders.csv",
                          "order_id,customer_id,ordered_on,shipped_on,status,channel,"
                          "payment_method,shipping_fee,rating");
    FILE *lines = create(
        folder, "order_lines.csv",
        "order_id,line_no,product_id,quantity,unit_price,discount_percent,returned_quantity");
    struct random random = random_stream(SEED, STREAM_ORDERS);
    uint64_t all = 0;
    for (uint32_t day = FIRST_DAY; day <= LAST_DAY; day++)
        all += busyness(day);
    uint32_t id = FIRST_ORDER_ID;
    for (uint32_t day = FIRST_DAY; day <= LAST_DAY; day++) {
        uint64_t thousandths = busyness(day) * ORDERS * random_between(&random, 850, 1150) / all;
        uint32_t count = (uint32_t)(thousandths / 1000);
        count += random_chance(&random, (uint32_t)(thousandths % 1000));
        for (uint32_t i = 0; i < count; i++) {
            struct order order = make_order(&random, products, customers, id++, day);
            write_order(orders, lines, &order);
        }
    }
    finish(orders, "orders.csv");
    finish(lines, "order_lines.csv");
}

int main(int argc, char **argv) {
    static struct product products[PRODUCTS];
    static struct customer customers[CUSTOMERS];
    if (argc != 2) {
        fprintf(stderr, "usage: generate DIRECTORY\n");
        return 2;
    }
    if (!random_is_right()) {
        fprintf(stderr, "generate: the random numbers are not those of the reference\n");
        return 1;
    }
    make_products(products);
    make_customers(customers);
    write_products(argv[1], products);
    write_customers(argv[1], customers);
    write_orders(argv[1], products, customers);
    return 0;
}
