/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/options.h"

#include "sim/engine/memory.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* An option, and which commands take it. */
enum which {
    OUTPUT,
    SET,
    SEED,
    THREADS,
    JSON,
    QUIET,
    STEP,
    PAPER,
    LEAVE_OUT,
    WITHOUT,
    MARKDOWN,
    HELD_OUT,
    VARY,
    ZIP,
    DESIGN,
    REPLICATIONS,
    OF,
    METHOD,
    GOOD,
    OVERSHOOT,
    AT_MOST,
    TOLERANCE,
    MAXIMISE,
    MINIMISE,
    CHARGE,
    MOST_RUNS,
    CSV,
    HELP,
    VERSION,
    OPTION_COUNT,
    LONG = 256 /* what getopt_long returns of the first of them */
};

#define COMMAND(name) (1u << OPTIONS_##name)
enum {
    SEARCHES = COMMAND(CAPACITY) | COMMAND(SIZE) | COMMAND(OPTIMIZE),
    TABLES = COMMAND(SWEEP) | COMMAND(SENSITIVITY),
    VARIES = TABLES | SEARCHES,                        /* simulates a scenario at many points */
    STUDIES = VARIES | COMMAND(TRAJECTORY),            /* ... many times */
    RUNS = COMMAND(RUN) | COMMAND(MARGINAL) | STUDIES, /* ... at all */
    SCENARIOS = RUNS | COMMAND(CHECK) | COMMAND(EXPLAIN),
    POINTS = COMMAND(CALIBRATE) | COMMAND(VALIDATE),
    FILES = POINTS | COMMAND(COMPARE), /* what reads no scenario */
    ALL = SCENARIOS | FILES
};

/* Where an option's value goes, by what it is: an offset into struct options. */
enum kind {
    FLAG,  /* a bool */
    TEXT,  /* a const char * */
    LIST,  /* a struct options_list */
    SHARE, /* a double from 0 to 1 */
    OTHER, /* read_other */
    BARE   /* the same, and takes no value */
};

#define AT(member) offsetof(struct options, member)

static const struct {
    const char *name;
    enum kind kind;
    char letter; /* 0: none */
    size_t at;
    unsigned commands;
} table[OPTION_COUNT] = {
    [OUTPUT] = {"output", TEXT, 'o', AT(output), RUNS | POINTS},
    [SET] = {"set", OTHER, 0, 0, SCENARIOS},
    [SEED] = {"seed", OTHER, 0, 0, SCENARIOS},
    [THREADS] = {"threads", OTHER, 0, 0, SCENARIOS | POINTS},
    [JSON] = {"json", FLAG, 0, AT(json),
              COMMAND(RUN) | COMMAND(MARGINAL) | COMMAND(VALIDATE) | COMMAND(COMPARE)},
    [QUIET] = {"quiet", FLAG, 'q', AT(quiet), RUNS | POINTS},
    [STEP] = {"step-by-step", FLAG, 0, AT(step_by_step), RUNS},
    [PAPER] = {"paper", FLAG, 0, AT(paper), COMMAND(EXPLAIN)},
    [LEAVE_OUT] = {"leave-out", OTHER, 0, 0, COMMAND(CALIBRATE)},
    [WITHOUT] = {"without", LIST, 0, AT(without), COMMAND(CALIBRATE)},
    [MARKDOWN] = {"markdown", TEXT, 0, AT(markdown), COMMAND(VALIDATE)},
    [HELD_OUT] = {"held-out", TEXT, 0, AT(held_out), COMMAND(VALIDATE)},
    [VARY] = {"vary", LIST, 0, AT(vary), VARIES & ~COMMAND(CAPACITY)},
    [ZIP] = {"zip", FLAG, 0, AT(zip), COMMAND(SWEEP)},
    [DESIGN] = {"design", TEXT, 0, AT(design), COMMAND(SWEEP)},
    [REPLICATIONS] = {"replications", OTHER, 0, 0, STUDIES},
    [CSV] = {"csv", TEXT, 0, AT(csv), COMMAND(TRAJECTORY)},
    [OF] = {"of", TEXT, 0, AT(of), TABLES},
    [METHOD] = {"method", TEXT, 0, AT(method), COMMAND(SENSITIVITY)},
    [GOOD] = {"good", SHARE, 0, AT(good), SEARCHES},
    [OVERSHOOT] = {"overshoot", SHARE, 0, AT(overshoot), SEARCHES},
    [AT_MOST] = {"at-most", LIST, 0, AT(at_most), SEARCHES},
    [TOLERANCE] = {"tolerance", SHARE, 0, AT(tolerance), SEARCHES},
    [MAXIMISE] = {"maximise", TEXT, 0, AT(maximise), COMMAND(OPTIMIZE)},
    [MINIMISE] = {"minimise", TEXT, 0, AT(minimise), COMMAND(OPTIMIZE)},
    [CHARGE] = {"charge", LIST, 0, AT(charge), COMMAND(OPTIMIZE)},
    [MOST_RUNS] = {"runs", OTHER, 0, 0, COMMAND(OPTIMIZE)},
    [HELP] = {"help", BARE, 'h', 0, ALL},
    [VERSION] = {"version", BARE, 'V', 0, ALL},
};

static bool takes_value(int option) {
    return table[option].kind != FLAG && table[option].kind != BARE;
}

static const char *const command_name[OPTIONS_COMMANDS] = {
    [OPTIONS_RUN] = "run",
    [OPTIONS_MARGINAL] = "marginal",
    [OPTIONS_SWEEP] = "sweep",
    [OPTIONS_SENSITIVITY] = "sensitivity",
    [OPTIONS_CAPACITY] = "capacity",
    [OPTIONS_SIZE] = "size",
    [OPTIONS_OPTIMIZE] = "optimize",
    [OPTIONS_TRAJECTORY] = "trajectory",
    [OPTIONS_CHECK] = "check",
    [OPTIONS_EXPLAIN] = "explain",
    [OPTIONS_CALIBRATE] = "calibrate",
    [OPTIONS_VALIDATE] = "validate",
    [OPTIONS_COMPARE] = "compare",
};

/* A whole number in [low, high]. */
static bool read_number(const char *name, const char *text, uint64_t low, uint64_t high,
                        uint64_t *out, struct error *e) {
    char *end;
    errno = 0;
    const unsigned long long value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || value < low || value > high) {
        error_add(e, NULL, 0, "%s: found '%s'; a whole number from %llu to %llu would be right",
                  name, text, (unsigned long long)low, (unsigned long long)high);
        return false;
    }
    *out = value;
    return true;
}

static void add_override(struct options *o, const char *text, struct error *e) {
    struct override one;
    if (!override_read(&one, text, e))
        return;
    o->set = memory_resize(o->set, o->sets + 1, sizeof *o->set);
    o->set[o->sets++] = one;
}

static void read_leave_out(struct options *o, const char *text, struct error *e) {
    static const char *const name[] = {[OPTIONS_LEAVE_LLM] = "llm",
                                       [OPTIONS_LEAVE_HARDWARE] = "hardware",
                                       [OPTIONS_LEAVE_ENGINE] = "engine"};
    for (int i = OPTIONS_LEAVE_LLM; i <= OPTIONS_LEAVE_ENGINE; i++)
        if (strcmp(text, name[i]) == 0) {
            o->leave_out = (enum options_leave_out)i;
            return;
        }
    error_add(
        e, NULL, 0,
        "--leave-out takes a value; found '%s' in its place, and llm, hardware or engine would "
        "be right",
        text);
}

static void list_add(struct options_list *list, const char *text) {
    list->text = memory_resize(list->text, list->count + 1, sizeof *list->text);
    list->text[list->count++] = text;
}

/* A whole number that must fit an int. */
static void read_int(const char *name, const char *text, int high, int *out, struct error *e) {
    uint64_t number;
    if (read_number(name, text, 1, (uint64_t)high, &number, e))
        *out = (int)number;
}

static void read_share(const char *name, const char *text, double *out, struct error *e) {
    char *end;
    const double value = strtod(text, &end);
    if (end == text || *end != '\0' || !(value >= 0.0 && value <= 1.0))
        error_add(e, NULL, 0, "--%s: found '%s'; a number from 0 to 1 would be right", name, text);
    else
        *out = value;
}

static void read_other(struct options *o, enum which option, const char *argument,
                       struct error *e) {
    switch (option) {
    case HELP:
        o->command = OPTIONS_HELP;
        break;
    case VERSION:
        o->command = OPTIONS_VERSION;
        break;
    case SET:
        add_override(o, argument, e);
        break;
    case SEED:
        o->has_seed = read_number("--seed", argument, 0, INT64_MAX, &o->seed, e);
        break;
    case THREADS:
        read_int("--threads", argument, 4096, &o->threads, e);
        break;
    case REPLICATIONS:
        read_int("--replications", argument, 100000, &o->replications, e);
        break;
    case MOST_RUNS:
        read_int("--runs", argument, 10000000, &o->runs, e);
        break;
    case LEAVE_OUT:
        read_leave_out(o, argument, e);
        break;
    default:
        break;
    }
}

static void read_option(struct options *o, enum which option, const char *argument,
                        struct error *e) {
    void *at = (char *)o + table[option].at;
    switch (table[option].kind) {
    case FLAG:
        *(bool *)at = true;
        break;
    case TEXT:
        *(const char **)at = argument;
        break;
    case LIST:
        list_add(at, argument);
        break;
    case SHARE:
        read_share(table[option].name, argument, at, e);
        break;
    case OTHER:
    case BARE:
        read_other(o, option, argument, e);
        break;
    }
}

/* "run, marginal and sweep"; owned by the caller. */
static char *command_list(unsigned commands) {
    char *text = memory_text("");
    for (int c = 0; c < OPTIONS_COMMANDS; c++) {
        if (!(commands >> c & 1u))
            continue;
        const bool last = commands >> c == 1u;
        char *longer = memory_print("%s%s%s", text,
                                    *text == '\0' ? ""
                                    : last        ? " and "
                                                  : ", ",
                                    command_name[c]);
        free(text);
        text = longer;
    }
    return text;
}

/* Whether the command takes the options given. */
static void check_options(const struct options *o, const bool *given, struct error *e) {
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (!given[i] || table[i].commands >> o->command & 1u)
            continue;
        char *right = command_list(table[i].commands);
        error_add(e, NULL, 0, "--%s does not go with %s; it goes with %s", table[i].name,
                  command_name[o->command], right);
        free(right);
    }
    if (o->held_out != NULL && o->markdown == NULL)
        error_add(e, NULL, 0, "--held-out goes with --markdown, the report that tells it");
    if (o->zip && o->design != NULL)
        error_add(e, NULL, 0, "--zip and --design exclude each other; one of them would be right");
    if (o->maximise != NULL && o->minimise != NULL)
        error_add(e, NULL, 0, "--maximise and --minimise exclude each other");
    if (o->tolerance < 1e-6) /* no search would end at that */
        error_add(e, NULL, 0, "--tolerance: found %g; a number from 1e-6 on would be right",
                  o->tolerance);
    if (o->command == OPTIONS_COMPARE && o->words != 2)
        error_add(e, NULL, 0,
                  "compare takes two result files; found %zu, and dcsim compare A.h5 B.h5 would be "
                  "right",
                  o->words);
    if (o->paper && o->scenario != NULL)
        error_add(e, NULL, 0, "--paper needs no scenario; found '%s'", o->scenario);
}

/* The words that are no options: an optional command, then the scenario or data. */
static void read_words(struct options *o, int count, char **word, struct error *e) {
    int at = 0;
    for (int c = 0; count > 0 && c < OPTIONS_COMMANDS; c++)
        if (strcmp(word[0], command_name[c]) == 0) {
            o->command = (enum options_command)c;
            at = 1;
        }
    o->word = word + at;
    o->words = (size_t)(count - at);
    if ((unsigned)FILES >> o->command & 1u)
        return;
    if (at < count)
        o->scenario = word[at++];
    else if (!(o->command == OPTIONS_EXPLAIN && o->paper))
        error_add(e, NULL, 0,
                  "no scenario is named; dcsim SCENARIO.xml would be right "
                  "(dcsim --help tells more)");
    if (at < count)
        error_add(e, NULL, 0, "found '%s' after the scenario '%s'; one scenario is run at a time",
                  word[at], o->scenario);
}

/* The tables of getopt_long, from ours. */
struct getopt_tables {
    struct option option[OPTION_COUNT + 1];
    char letters[2 * OPTION_COUNT + 2];
};

static void fill_tables(struct getopt_tables *t) {
    char *letter = t->letters;
    *t = (struct getopt_tables){0};
    *letter++ = ':'; /* tells a missing argument from a wrong option */
    for (int i = 0; i < OPTION_COUNT; i++) {
        t->option[i] = (struct option){
            table[i].name, takes_value(i) ? required_argument : no_argument, NULL, LONG + i};
        if (table[i].letter == 0)
            continue;
        *letter++ = table[i].letter;
        if (takes_value(i))
            *letter++ = ':';
    }
}

static enum which option_of(int found) {
    if (found >= LONG)
        return (enum which)(found - LONG);
    int i = 0;
    while (table[i].letter != found)
        i++;
    return (enum which)i;
}

/* Appends a word to a text that is owned by the caller. */
static void add_word(char **text, const char *word) {
    char *longer = memory_print("%s %s", *text, word);
    free(*text);
    *text = longer;
}

/* Appends an option as it was meant, but for those that cannot change a result: where it goes, how
 * much is printed, on how many threads it is made. */
static void add_option(char **text, enum which option, const char *argument) {
    if (option == OUTPUT || option == CSV || option == QUIET || option == THREADS || option == JSON)
        return;
    char *name = memory_print("--%s", table[option].name);
    add_word(text, name);
    free(name);
    if (takes_value((int)option))
        add_word(text, argument);
}

/* "dcsim", the words and the options, owned by the caller. */
static char *whole_text(const char *options, int count, char **word) {
    char *text = memory_text("dcsim");
    for (int i = 0; i < count; i++)
        add_word(&text, word[i]);
    char *all = memory_print("%s%s", text, options);
    free(text);
    return all;
}

bool options_read(struct options *o, int argc, char **argv, struct error *e) {
    struct getopt_tables tables;
    bool given[OPTION_COUNT] = {false};
    *o = (struct options){
        .command = OPTIONS_RUN, .replications = 1, .good = NAN, .overshoot = NAN, .tolerance = NAN};
    fill_tables(&tables);
    char *chosen = memory_text("");
    opterr = 0;
    for (;;) {
        const int at = optind;
        const int found = getopt_long(argc, argv, tables.letters, tables.option, NULL);
        if (found == -1)
            break;
        if (found == ':')
            error_add(e, NULL, 0, "%s takes a value, and none follows; dcsim --help tells which",
                      argv[optind - 1]);
        else if (found == '?')
            error_add(e, NULL, 0, "'%s' is no option; dcsim --help lists them",
                      argv[at < argc ? at : argc - 1]);
        else {
            given[option_of(found)] = true;
            read_option(o, option_of(found), optarg, e);
            add_option(&chosen, option_of(found), optarg);
        }
    }
    o->text = whole_text(chosen, argc - optind, argv + optind);
    free(chosen);
    if (!error_any(e) && o->command < OPTIONS_COMMANDS) {
        read_words(o, argc - optind, argv + optind, e);
        check_options(o, given, e);
        if (!given[REPLICATIONS] && (unsigned)(SEARCHES | COMMAND(TRAJECTORY)) >> o->command & 1u)
            o->replications = OPTIONS_MORE_REPLICATIONS;
    }
    return !error_any(e);
}

void options_clear(struct options *o) {
    for (size_t i = 0; i < o->sets; i++)
        override_clear(&o->set[i]);
    free(o->set);
    free(o->without.text);
    free(o->vary.text);
    free(o->at_most.text);
    free(o->charge.text);
    free(o->text);
    *o = (struct options){.set = NULL};
}
