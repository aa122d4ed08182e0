// SPDX-License-Identifier: Apache-2.0
//
// How text becomes words, stems and keys (src/dataset/words.h).
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "dataset/words.h"
#include "tests/unit/check.h"

static const char *joined(const struct word *words, size_t count) {
    static char text[4096];
    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? " " : "",
                 words[i].text);
    return text;
}

static const char *name_words(const char *text) {
    struct word words[64];
    return joined(words, words_split(text, words, ARRAY_LENGTH(words)));
}

static const char *prose_words(const char *text) {
    struct word words[64];
    return joined(words, words_split_prose(text, words, ARRAY_LENGTH(words)));
}

static const char *key_of(const char *text) {
    static struct buf key = BUF(4096);
    buf_clear(&key);
    words_key(text, &key);
    return buf_text(&key);
}

TEST(names_part_where_a_column_name_does) {
    CHECK_TEXT(name_words("FlightDate flight_date flight-date"),
               "flight date flight date flight date");
    CHECK_TEXT(name_words("HTTPServer orderIDs IDs"), "http server order ids ids");
    CHECK_TEXT(name_words("sales2013 Sales2013Q4 12mm 30 km/h"),
               "sales 2013 sales 2013 q4 12 mm 30 km h");
    CHECK_TEXT(name_words("2nd 21st 737 A320 1990s 3d 5k"), "2nd 21st 737 a320 1990s 3d 5k");
}

TEST(in_prose_a_capital_parts_nothing) {
    CHECK_TEXT(prose_words("McDonald YouTube DeKalb"), "mcdonald youtube dekalb");
    CHECK_TEXT(prose_words("MCDONALD youtube deKALB"), "mcdonald youtube dekalb");
}

TEST(apostrophes_and_points_inside_a_word_part_nothing) {
    CHECK_TEXT(prose_words("O'Hare O’Hare don't"), "ohare ohare dont");
    CHECK_TEXT(prose_words("McDonald's players' James's"), "mcdonald players james");
    CHECK_TEXT(prose_words("the U.S. and the U.S.A. at 5 p.m. e.g. St.Paul"),
               "the us and the usa at 5 pm eg st paul");
}

TEST(case_and_diacritics_do_not_matter) {
    CHECK_TEXT(prose_words("São Paulo, ŁÓDŹ, Straße, Ærø, Đà Nẵng"),
               "sao paulo lodz strasse aero da nang");
    CHECK_TEXT(prose_words("Cafe\xCC\x81 co\xC2\xADoperate"), "cafe cooperate");
    CHECK_TEXT(prose_words("ΑΘΉΝΑ ΠΡΆΓΑΣ МОСКВА Ёлка"), "αθηνα πραγασ москва елка");
    CHECK_TEXT(prose_words("東京 서울 القاهرة"), "東京 서울 القاهرة");
    CHECK_TEXT(prose_words("ＡＢＣ１２ km² N°"), "abc 12 km2 n");
}

TEST(numbers_are_read_with_their_separators_and_signs) {
    struct word words[16];
    size_t count =
        words_split("1,024 12.5 $1,234 (-5) 2001-2003 1.2.3 .5 10,20 1990s 12345,678", words, 16);
    CHECK_TEXT(joined(words, count), "1024 12.5 1234 -5 2001 2003 1 2 3 0.5 10 20 1990s 12345678");
    CHECK(words[0].is_number && words[0].number == 1024);
    CHECK(words[1].is_number && words[1].number == 12.5);
    CHECK(words[2].is_number && words[2].number == 1234);
    CHECK(words[3].is_number && words[3].number == -5);
    CHECK(words[5].is_number && words[5].number == 2003);
    CHECK(words[9].is_number && words[9].number == 0.5);
    CHECK(!words[12].is_number);
}

TEST(a_number_of_any_length_is_cut_and_then_no_number) {
    char text[300];
    memset(text, '9', sizeof text);
    text[sizeof text - 1] = '\0';
    struct word words[4];
    CHECK_INT(words_split(text, words, 4), 1);
    CHECK_INT(strlen(words[0].text), WORDS_TEXT - 1);
    CHECK(!words[0].is_number);
    CHECK_INT(words[0].length, sizeof text - 1);
}

TEST(quotation_marks_are_noticed) {
    struct word words[16];
    CHECK_INT(words_split("what is \"New York\" or ‘La Paz’ or don't 'rock on' 5\"", words, 16),
              12);
    static const bool expected[] = {false, false, true,  true, false, true,
                                    true,  false, false, true, true,  false};
    for (size_t i = 0; i < ARRAY_LENGTH(expected); i++)
        CHECK_INT(words[i].is_quoted, expected[i]);
}

TEST(a_word_says_where_it_stands) {
    struct word words[8];
    CHECK_INT(words_split("Åse's 1,024 x", words, 8), 3);
    CHECK_INT(words[0].start, 0);
    CHECK_INT(words[0].length, strlen("Åse's"));
    CHECK_INT(words[1].start, strlen("Åse's "));
    CHECK_INT(words[1].length, 5);
}

TEST(no_more_words_than_asked_for) {
    struct word words[2];
    CHECK_INT(words_split("a b c d", words, 2), 2);
    CHECK_INT(words_split("a b c d", words, 0), 0);
    CHECK_INT(words_split("", words, 2), 0);
    CHECK_INT(words_split(" ,.-— \xFF\xFE ", words, 2), 0);
}

static const struct {
    const char *word, *stem;
} stems[] = {
    {"strikes", "strike"},
    {"cities", "city"},
    {"boxes", "box"},
    {"classes", "class"},
    {"churches", "church"},
    {"dishes", "dish"},
    {"buses", "bus"},
    {"houses", "house"},
    {"causes", "cause"},
    {"viruses", "virus"},
    {"sizes", "size"},
    {"prizes", "prize"},
    {"heroes", "hero"},
    {"tomatoes", "tomato"},
    {"shoes", "shoe"},
    {"photos", "photo"},
    {"ties", "tie"},
    {"days", "day"},
    {"losses", "loss"},
    {"geese", "goose"},
    {"people", "person"},
    {"persons", "person"},
    {"children", "child"},
    {"mice", "mouse"},
    {"feet", "foot"},
    {"women", "woman"},
    {"indices", "index"},
    {"criteria", "criterion"},
    {"series", "series"},
    {"species", "species"},
    {"news", "news"},
    {"paris", "paris"},
    {"status", "status"},
    {"tennis", "tennis"},
    {"boss", "boss"},
    {"gas", "gas"},
    {"was", "be"},
    {"were", "be"},
    {"has", "have"},
    {"did", "do"},
    {"sold", "sell"},
    {"bought", "buy"},
    {"won", "win"},
    {"lost", "lose"},
    {"paid", "pay"},
    {"flown", "fly"},
    {"flying", "fly"},
    {"flies", "fly"},
    {"released", "release"},
    {"releasing", "release"},
    {"hired", "hire"},
    {"located", "locate"},
    {"created", "create"},
    {"changed", "change"},
    {"charged", "charge"},
    {"played", "play"},
    {"visited", "visit"},
    {"shipped", "ship"},
    {"stopped", "stop"},
    {"called", "call"},
    {"cancelled", "cancel"},
    {"married", "marry"},
    {"scored", "score"},
    {"required", "require"},
    {"measured", "measure"},
    {"provided", "provide"},
    {"valued", "value"},
    {"issued", "issue"},
    {"used", "use"},
    {"using", "use"},
    {"died", "die"},
    {"delayed", "delay"},
    {"rating", "rating"},
    {"ratings", "rating"},
    {"building", "building"},
    {"landing", "landing"},
    {"red", "red"},
    {"need", "need"},
    {"speed", "speed"},
    {"king", "king"},
    {"spring", "spring"},
    {"hundred", "hundred"},
    {"beijing", "beijing"},
    {"a320", "a320"},
    {"1990s", "1990s"},
    {"łódź", "łódź"},
    {"", ""},
};

TEST(inflected_words_share_a_stem) {
    for (size_t i = 0; i < ARRAY_LENGTH(stems); i++) {
        char stem[WORDS_TEXT];
        words_stem(stems[i].word, stem);
        CHECK_TEXT(stem, stems[i].stem);
    }
}

TEST(a_stem_is_its_own_stem) {
    for (size_t i = 0; i < ARRAY_LENGTH(stems); i++) {
        char stem[WORDS_TEXT];
        words_stem(stems[i].stem, stem);
        CHECK_TEXT(stem, stems[i].stem);
    }
}

TEST(singular_and_plural_meet_whatever_the_stem_is) {
    static const char *const pairs[][2] = {
        {"movie", "movies"},      {"cookie", "cookies"},     {"cache", "caches"},
        {"niche", "niches"},      {"expense", "expenses"},   {"purchase", "purchases"},
        {"bonus", "bonuses"},     {"campus", "campuses"},    {"lens", "lenses"},
        {"analysis", "analyses"}, {"knife", "knives"},       {"wolf", "wolves"},
        {"axis", "axes"},         {"quiz", "quizzes"},       {"potato", "potatoes"},
        {"toe", "toes"},          {"employee", "employees"}, {"fee", "fees"},
        {"area", "areas"},        {"bus", "buses"},          {"address", "addresses"},
        {"invoice", "invoices"},  {"key", "keys"},           {"salesman", "salesmen"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(pairs); i++) {
        char one[WORDS_TEXT], many[WORDS_TEXT];
        words_stem(pairs[i][0], one);
        words_stem(pairs[i][1], many);
        CHECK_TEXT(many, one);
    }
}

TEST(a_key_is_the_stems_joined) {
    CHECK_TEXT(key_of("Canada Geese"), "canada goose");
    CHECK_TEXT(key_of("CHICAGO O'HARE INTL ARPT"), key_of("Chicago O’Hare intl. arpt"));
    CHECK_TEXT(key_of("B-737-300"), "b 737 300");
    CHECK_TEXT(key_of("McDonald's"), "mcdonald");
    CHECK_TEXT(key_of("  --  "), "");
}

TEST(any_bytes_can_be_split) {
    unsigned seed = 12345;
    struct word words[32];
    for (int round = 0; round < 20000; round++) {
        char text[40];
        size_t length = 0;
        for (; length < sizeof text - 1; length++) {
            seed = seed * 1103515245 + 12345;
            static const char bytes[] = "aA1.,'-\"$ \xC3\xA9\xE2\x80\x99\xF0\xFF\xCC\x81s";
            text[length] = bytes[(seed >> 16) % (sizeof bytes - 1)];
        }
        text[length] = '\0';
        size_t count = words_split(text, words, 32), end = 0;
        for (size_t i = 0; i < count; i++) {
            CHECK(words[i].start >= end && words[i].length > 0 && words[i].text[0]);
            end = words[i].start + words[i].length;
        }
        CHECK(end <= length);
        key_of(text);
    }
}
