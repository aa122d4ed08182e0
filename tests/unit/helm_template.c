// SPDX-License-Identifier: Apache-2.0
//
// The template engine. That it renders as Go does is tests/chart/engine.mjs's to show; here are its
// messages, its limits, and what the reference does not know.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "helm/functions.h"
#include "tests/unit/check.h"
#include "tests/unit/helm_chart.h"

#define AT "templates/NOTES.txt:"

TEST(an_error_says_template_line_and_column_in_a_sentence) {
    static const struct {
        const char *template, *message;
    } cases[] = {
        {"a\n{{ .Values.x", AT "2:1: the action that begins here has no closing }}"},
        {"{{ if true }}\nx", AT "1:1: the if that begins here has no {{ end }}"},
        {"{{ range .x }}{{ else }}", AT "1:1: the else that begins here has no {{ end }}"},
        {"{{ end }}", AT "1:1: there is nothing before it that this {{ end }} belongs to"},
        {"x {{ upper", AT "1:3: the action that begins here has no closing }}"},
        {"{{ \"a }}", AT "1:4: the text that begins here has no closing \""},
        {"{{/* a", AT "1:1: the comment that begins here has no closing */"},
        {"é{{ $x }}", AT "1:6: there is no variable $x here; it is set with $x := …"},
        {"{{\n  quoet 1 }}", AT "2:3: there is no function \"quoet\" Did you mean \"quote\"?"},
        {"{{ genCA \"a\" 1 }}", AT "1:4: function \"genCA\" is not supported by render-helm"},
        {"{{ upper }}", AT "1:4: wrong number of arguments for upper: it takes 1, not 0"},
        {"{{ upper \"a\" \"b\" }}",
         AT "1:4: wrong number of arguments for upper: it takes 1, not 2"},
        {"{{ printf }}",
         AT "1:4: wrong number of arguments for printf: it takes at least 1, not 0"},
        {"{{ upper 3 }}",
         AT "1:10: wrong type for value: upper expects a text (string) here and gets int; "
            "`toString` makes a text of it"},
        {"{{ .Values.a.b }}",
         AT "1:4: nil pointer evaluating interface {}.b: what stands before .b has no value"},
        {"{{ .Chart.Nmae }}", AT "1:4: can't evaluate field Nmae in type chart.Metadata"},
        {"{{ .Values.text.x }}", AT "1:4: can't evaluate field x in type string"},
        {"{{ eq .Values.text 1 }}",
         AT "1:4: eq: incompatible types for comparison: string and int; `int`, `float64` or "
            "`toString` makes them alike"},
        {"{{ required \"name it\" .Values.none }}", AT "1:4: name it"},
        {"{{ fail \"no way\" }}", AT "1:4: no way"},
        {"{{ include \"x\" . }}", AT "1:4: include: no template \"x\" is defined"},
        {"{{ define \"t\" }}\n{{ .a.b.c }}{{ end }}{{ include \"t\" (dict) }}",
         AT "2:4: nil pointer evaluating interface {}.b: what stands before .b has no value It is "
            "included from templates/NOTES.txt:2:25."},
        {"{{ tpl \"a\\n {{ qqqqqq }}\" . }}",
         "templates/NOTES.txt: in the text given to tpl, 2:5: there is no function \"qqqqqq\""},
        {"{{ range 1.5 }}{{ end }}", AT "1:10: range can't iterate over a float64"},
        {"{{ regexFind \"(\" \"\" }}",
         AT "1:4: regexFind: the regular expression \"(\" has a ( without a )"},
        {"{{ regexFind \"\\\\pL\" \"\" }}",
         AT "1:4: regexFind: the regular expression \"\\pL\" has \\p, \\Q or \\C, which are not "
            "supported by render-helm"},
        {"{{ semver \"x\" }}", AT "1:4: semver: \"x\" is no semantic version, as in 1.2.3"},
        {"{{ break }}", AT "1:1: {{ break }} stands outside of a {{ range }}"},
        {"{{ .Values.text | 1 }}", AT "1:19: behind a | a function is expected"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        CHECK_TEXT(helm_text(cases[i].template, "text: t"), cases[i].message);
}

TEST(what_is_newer_than_the_reference_is_rendered_too) {
    CHECK_TEXT(helm_text("{{ with .Values.none }}a{{ else with .Values.text }}{{ . }}{{ end }}",
                         "text: t"),
               "t");
    CHECK_TEXT(helm_text("{{ with 1 }}{{ . }}{{ else with 2 }}b{{ else }}c{{ end }}", ""), "1");
    CHECK_TEXT(helm_text("{{ range 3 }}{{ . }}{{ end }}{{ range $i := 2 }}{{ $i }}{{ end }}", ""),
               "01201");
    CHECK_TEXT(helm_text("{{ range 0 }}a{{ else }}none{{ end }}", ""), "none");
    CHECK_TEXT(helm_text("{{ mergeOverwrite (dict \"a\" 1) (dict \"a\" (dict \"b\" 1)) }}", ""),
               "map[a:map[b:1]]");
    CHECK_TEXT(helm_text("{{ $x := 0 }}{{ range $x = list 1 2 }}{{ end }}{{ $x }}", ""), "2");
}

TEST(every_function_is_listed_once_and_is_not_called_unsupported) {
    static const struct function *const tables[] = {
        functions_logic,  functions_text,     functions_list,  functions_map,
        functions_number, functions_encoding, functions_chart, functions_regex};
    int count = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(tables); i++) {
        for (const struct function *one = tables[i]; one->name; one++) {
            CHECK(functions_find(text_of(one->name)) == one);
            CHECK(!functions_is_unsupported(one->name));
            CHECK(one == tables[i] || strcmp(one[-1].name, one->name) < 0);
            count++;
        }
    }
    CHECK(count >= 180);
}

TEST(a_rendering_that_would_never_end_is_ended) {
    CHECK_TEXT(
        helm_text("{{ define \"a\" }}{{ include \"a\" . }}{{ end }}{{ include \"a\" . }}", ""),
        AT "1:20: templates include each other 1000 levels deep, so they never end It is "
           "included from templates/NOTES.txt:1:20, from templates/NOTES.txt:1:48.");
    CHECK(strstr(
        helm_text("{{ define \"a\" }}{{ template \"a\" . }}{{ end }}{{ template \"a\" . }}", ""),
        "1000 levels deep"));
    CHECK(strstr(helm_text("{{ tpl .Values.t . }}", "t: '{{ tpl .Values.t . }}'"),
                 "1000 levels deep"));
    CHECK(strstr(helm_text("{{ range until 9999 }}{{ range until 9999 }}{{ end }}{{ end }}", ""),
                 "steps"));
    CHECK(strstr(helm_text("{{ range 100000000 }}{{ end }}", ""), "steps"));
    CHECK(strstr(helm_text("{{ until 2000000000 }}", ""), "is longer than"));
}

static char *nested(const char *open, int count, const char *middle, const char *close) {
    struct buf out = BUF(1024 * 1024);
    for (int i = 0; i < count; i++)
        buf_add_text(&out, open);
    buf_add_text(&out, middle);
    for (int i = 0; i < count; i++)
        buf_add_text(&out, close);
    return buf_take(&out);
}

TEST(the_deepest_nesting_that_is_allowed_fits_on_the_stack) {
    cleanup_free char *open = nested("{{ with list . }}{{ range . }}", 20, "", "");
    cleanup_free char *close = nested("{{ end }}{{ end }}", 20, "", "");
    cleanup_free char *parentheses = nested("(print ", 60, "(include \"a\" .)", ")");
    cleanup_free char *template = mem_format(
        "{{ define \"a\" }}%s{{ %s }}%s{{ end }}{{ include \"a\" . }}", open, parentheses, close);
    CHECK(strstr(helm_text(template, ""), "nested too deeply"));
    CHECK(strstr(helm_text("{{ tpl .Values.t . }}",
                           "t: '{{ with . }}{{ if . }}{{ (print (tpl .Values.t .)) }}{{ end }}{{ "
                           "end }}'"),
                 "deep"));
}

TEST(a_text_or_a_value_without_bound_is_refused) {
    CHECK(strstr(helm_text("{{ repeat 100000000 \"x\" }}", ""), "MiB"));
    CHECK(strstr(helm_text("{{ indent 100000000 \"x\" }}", ""), "MiB"));
    CHECK(strstr(helm_text("{{ printf \"%999999d\" 1 | repeat 1000 }}", ""), "MiB"));
    CHECK(strstr(helm_text("{{ $x := \"0123456789\" }}{{ range until 40 }}{{ $x = print $x $x }}"
                           "{{ end }}",
                           ""),
                 "MiB"));
    CHECK(strstr(helm_text("{{ range until 1000 }}{{ repeat 100000 \"x\" }}{{ end }}", ""), "MiB"));
    CHECK(strstr(helm_text("{{ $d := dict }}{{ $_ := set $d \"self\" $d }}{{ $d }}", ""), "MiB"));
    CHECK_TEXT(helm_text("{{ $d := dict }}{{ $_ := set $d \"self\" $d }}{{ toYaml $d | len }}", ""),
               "0");
    CHECK(strstr(
        helm_text("{{ $d := dict }}{{ $_ := set $d \"self\" $d }}{{ deepCopy $d | len }}", ""),
        "MiB"));
}

TEST(work_that_grows_with_the_square_of_its_input_is_ended) {
    CHECK(strstr(helm_text("{{ uniq (until 100000) | len }}", ""), "steps"));
    CHECK(strstr(helm_text("{{ $d := dict }}{{ range untilStep 100000 0 -1 }}{{ $_ := set $d "
                           "(printf \"%06d\" .) 1 }}{{ end }}",
                           ""),
                 "steps"));
    CHECK(strstr(helm_text("{{ regexFind \"(x?){500}y\" (repeat 1000000 \"x\") }}", ""),
                 "takes too long"));
    CHECK(strstr(helm_text("{{ regexReplaceAll \"x.*y|x\" (repeat 100000 \"x\") \"z\" }}", ""),
                 "takes too long"));
    CHECK_TEXT(helm_text("{{ regexFind \"^(a+)+$\" (print (repeat 50 \"a\") \"b\") }}", ""), "");
}

TEST(nesting_is_limited) {
    cleanup_free char *parentheses = nested("(", 5000, "1", ")");
    cleanup_free char *action = mem_format("{{ %s }}", parentheses);
    CHECK(strstr(helm_text(action, ""), "nested deeper than 200 levels"));
    cleanup_free char *ifs = nested("{{ if 1 }}", 5000, "x", "{{ end }}");
    CHECK(strstr(helm_text(ifs, ""), "nested deeper than 200 levels"));
    cleanup_free char *elses = nested("{{ if 0 }}{{ else if 0 }}", 150, "x", "{{ end }}");
    CHECK(strstr(helm_text(elses, ""), "nested deeper than 200 levels"));
    cleanup_free char *fine = nested("{{ if 1 }}", 50, "x", "{{ end }}");
    CHECK_TEXT(helm_text(fine, ""), "x");
    cleanup_free char *groups = nested("(?:", 500, "a", ")");
    cleanup_free char *regex = mem_format("{{ regexFind \"%s\" \"a\" }}", groups);
    CHECK(strstr(helm_text(regex, ""), "nested too deeply"));
}

// ---- Nothing that is written can crash it. With the sanitizers that is worth something.

static void render_quietly(const char *template) {
    struct helm_rendering *rendering = NULL;
    struct err err = {0};
    helm_chart_file("templates/NOTES.txt", template);
    const struct helm_options options = {
        .chart_folder = check_folder(), .release = "rel", .namespace = "ns"};
    if (helm_render(&options, &rendering, &err))
        CHECK(*err.message);
    helm_rendering_free(rendering);
}

static char *read_lines(const char *path) {
    FILE *file = fopen(path, "r");
    char *text = mem_zero(1, 1 << 20);
    CHECK(file != NULL);
    CHECK(fread(text, 1, (1 << 20) - 1, file) > 1000);
    fclose(file);
    return text;
}

TEST(no_beginning_of_a_snippet_and_no_snippet_with_a_byte_changed_crashes_it) {
    static const char bytes[] = "{}()\"`'.$|:=-\\%0 \n\x80\xff[*a";
    helm_chart("", "text: hello\nlist: [a, b]\nmap: {a: 1}\n", NULL);
    cleanup_free char *text = read_lines("tests/chart/snippets.txt");
    char *rest = text, *line;
    unsigned chance = 1;
    for (int i = 0; (line = strsep(&rest, "\n")) != NULL; i++) {
        size_t length = strlen(line);
        if (length < 8 || length > 400)
            continue;
        for (int round = 0; round < 2; round++) {
            cleanup_free char *changed = mem_text(line);
            chance = chance * 1103515245 + 12345;
            size_t at = chance / 65536 % length;
            if (round == 0)
                changed[at] = '\0';
            else
                changed[at] = bytes[chance / 256 % (sizeof bytes - 1)];
            render_quietly(changed);
        }
    }
}

TEST(no_beginning_of_a_template_of_the_chart_and_none_with_a_byte_changed_crashes_it) {
    static const char bytes[] = "{}()\"|:=-. \n";
    unsigned chance = 7;
    helm_chart("", "a: {b: 1}\n", NULL);
    for (size_t i = 0; i < helm_chart_files_count; i++) {
        const struct helm_file *file = &helm_chart_files[i];
        if (strncmp(file->name, "templates/", 10) != 0)
            continue;
        for (int round = 0; round < 40; round++) {
            cleanup_free char *text = mem_text_n((const char *)file->data, file->size_bytes);
            chance = chance * 1103515245 + 12345;
            size_t at = chance / 65536 % file->size_bytes;
            text[at] = round % 2 ? '\0' : bytes[chance / 256 % (sizeof bytes - 1)];
            render_quietly(text);
        }
    }
}
