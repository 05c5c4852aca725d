/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/options.h"

#include "sim/engine/memory.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

const char options_help[] =
    "dcsim simulates a datacenter that turns energy into tokens, request by request.\n"
    "\n"
    "  dcsim [run] SCENARIO.xml    simulate, print a summary, write SCENARIO.h5 here\n"
    "  dcsim marginal SCENARIO.xml what 1 % more of each resource brings: a run each\n"
    "  dcsim compare A.h5 B.h5     two results side by side, differences with intervals\n"
    "  dcsim check SCENARIO.xml    validate, print the resolved site\n"
    "  dcsim explain SCENARIO.xml  no simulation: work, energy, ceilings by formula\n"
    "  dcsim explain --paper       the worked example of arXiv 2605.11733\n"
    "  dcsim calibrate [DATA.csv]  fit coefficients to measured points, write tables\n"
    "  dcsim validate [DATA.csv]   simulate what others measured, print how far it is off\n"
    "\n"
    "  -o, --output FILE     result file (HDF5) of run, marginal, validate; folder of calibrate\n"
    "      --set XPATH=VALUE override an attribute: --set '//cooling/@pue=1.2'; repeatable\n"
    "      --seed N          random seed instead of the scenario's\n"
    "      --threads N       threads (default: all processors); the result does not depend on it\n"
    "      --json            print the summary as JSON instead\n"
    "      --leave-out WHAT  calibrate: llm, hardware or engine, one at a time\n"
    "      --without WHAT    calibrate: fit without a coefficient (t_moe) or level (t_layer:pair)\n"
    "  -q, --quiet           print nothing but errors\n"
    "      --step-by-step    one iteration per event: slow, the same result\n"
    "      --markdown FILE   validate: the whole report\n"
    "      --held-out FILE   validate: errors on held-out points for the report (CSV)\n"
    "  -h, --help            this text\n"
    "  -V, --version         version\n"
    "\n"
    "Exit status: 0 done, 1 a failure while running, 2 a mistake in the command or scenario.\n"
    "Manual: dcsim(1) and docs/.\n";

enum long_option {
    SET = 256,
    SEED,
    THREADS,
    JSON,
    STEP,
    PAPER,
    LEAVE_OUT,
    WITHOUT,
    MARKDOWN,
    HELD_OUT
};

static const struct option long_options[] = {
    {"output", required_argument, NULL, 'o'},
    {"set", required_argument, NULL, SET},
    {"seed", required_argument, NULL, SEED},
    {"threads", required_argument, NULL, THREADS},
    {"json", no_argument, NULL, JSON},
    {"quiet", no_argument, NULL, 'q'},
    {"step-by-step", no_argument, NULL, STEP},
    {"paper", no_argument, NULL, PAPER},
    {"leave-out", required_argument, NULL, LEAVE_OUT},
    {"without", required_argument, NULL, WITHOUT},
    {"markdown", required_argument, NULL, MARKDOWN},
    {"held-out", required_argument, NULL, HELD_OUT},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
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

static void read_option(struct options *o, int option, char *argument, struct error *e) {
    uint64_t number = 0;
    switch (option) {
    case 'o':
        o->output = argument;
        break;
    case 'q':
        o->quiet = true;
        break;
    case 'h':
        o->command = OPTIONS_HELP;
        break;
    case 'V':
        o->command = OPTIONS_VERSION;
        break;
    case SET:
        add_override(o, argument, e);
        break;
    case SEED:
        o->has_seed = read_number("--seed", argument, 0, INT64_MAX, &o->seed, e);
        break;
    case THREADS:
        if (read_number("--threads", argument, 1, 4096, &number, e))
            o->threads = (int)number;
        break;
    case JSON:
        o->json = true;
        break;
    case STEP:
        o->step_by_step = true;
        break;
    case PAPER:
        o->paper = true;
        break;
    case MARKDOWN:
        o->markdown = argument;
        break;
    case HELD_OUT:
        o->held_out = argument;
        break;
    case LEAVE_OUT:
        read_leave_out(o, argument, e);
        break;
    case WITHOUT:
        if (o->withouts < sizeof o->without / sizeof o->without[0])
            o->without[o->withouts++] = argument;
        else
            error_add(e, NULL, 0, "--without: at most %zu", o->withouts);
        break;
    default:
        break;
    }
}

/* validate: its data files, and which options go with it. */
static void read_validate(struct options *o, int count, char **word, struct error *e) {
    o->data = word;
    o->datas = (size_t)count;
    if (o->sets > 0 || o->has_seed || o->step_by_step || o->paper)
        error_add(e, NULL, 0,
                  "--set, --seed, --step-by-step and --paper do not go with validate: it reads no "
                  "scenario");
    if (o->held_out != NULL && o->markdown == NULL)
        error_add(e, NULL, 0, "--held-out goes with --markdown, the report that tells it");
}

/* compare: its two files; --json is all that goes with it. */
static void read_compare(struct options *o, int count, char **word, struct error *e) {
    o->data = word;
    o->datas = (size_t)count;
    if (count != 2)
        error_add(e, NULL, 0,
                  "compare takes two result files; found %d, and dcsim compare A.h5 B.h5 would be "
                  "right",
                  count);
    if (o->sets > 0 || o->has_seed || o->threads > 0 || o->step_by_step || o->paper || o->quiet ||
        o->output != NULL || o->markdown != NULL || o->held_out != NULL)
        error_add(e, NULL, 0,
                  "only --json goes with compare: it simulates and writes nothing, and prints what "
                  "it finds");
}

/* The words that are no options: an optional command, then the scenario or data. */
static void read_words(struct options *o, int count, char **word, struct error *e) {
    static const struct {
        const char *name;
        enum options_command command;
    } commands[] = {{"run", OPTIONS_RUN},
                    {"marginal", OPTIONS_MARGINAL},
                    {"check", OPTIONS_CHECK},
                    {"explain", OPTIONS_EXPLAIN},
                    {"calibrate", OPTIONS_CALIBRATE},
                    {"validate", OPTIONS_VALIDATE},
                    {"compare", OPTIONS_COMPARE}};
    if (o->command == OPTIONS_HELP || o->command == OPTIONS_VERSION)
        return;
    int at = 0;
    for (size_t i = 0; count > 0 && i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(word[0], commands[i].name) == 0) {
            o->command = commands[i].command;
            at = 1;
        }
    if ((o->leave_out != OPTIONS_LEAVE_NOTHING || o->withouts > 0) &&
        o->command != OPTIONS_CALIBRATE)
        error_add(e, NULL, 0, "--leave-out and --without go with calibrate");
    if (o->command == OPTIONS_VALIDATE) {
        read_validate(o, count - at, word + at, e);
        return;
    }
    if (o->command == OPTIONS_COMPARE) {
        read_compare(o, count - at, word + at, e);
        return;
    }
    if (o->markdown != NULL || o->held_out != NULL)
        error_add(e, NULL, 0, "--markdown and --held-out go with validate");
    if (o->command == OPTIONS_CALIBRATE) {
        o->data = word + at;
        o->datas = (size_t)(count - at);
        at = count;
    } else if (at < count)
        o->scenario = word[at++];
    else if (!(o->command == OPTIONS_EXPLAIN && o->paper))
        error_add(e, NULL, 0,
                  "no scenario is named; dcsim SCENARIO.xml would be right "
                  "(dcsim --help tells more)");
    if (at < count)
        error_add(e, NULL, 0, "found '%s' after the scenario '%s'; one scenario is run at a time",
                  word[at], o->scenario);
    if (o->paper && o->command != OPTIONS_EXPLAIN)
        error_add(e, NULL, 0, "--paper goes with explain");
    if (o->paper && o->scenario != NULL)
        error_add(e, NULL, 0, "--paper needs no scenario; found '%s'", o->scenario);
    if (o->command == OPTIONS_RUN || o->command == OPTIONS_MARGINAL)
        return;
    const bool writes = o->command == OPTIONS_CALIBRATE;
    if (o->output != NULL && !writes)
        error_add(e, NULL, 0,
                  "-o goes with run, marginal and validate: check and explain write no results");
    if (o->json || (o->quiet && !writes) || o->step_by_step)
        error_add(e, NULL, 0,
                  "--json, --quiet and --step-by-step go with run and marginal: check and explain "
                  "simulate nothing");
}

bool options_read(struct options *o, int argc, char **argv, struct error *e) {
    *o = (struct options){.command = OPTIONS_RUN};
    opterr = 0;
    for (;;) {
        const int at = optind;
        const int option = getopt_long(argc, argv, ":o:qhV", long_options, NULL);
        if (option == -1)
            break;
        if (option == ':')
            error_add(e, NULL, 0, "%s takes a value, and none follows; dcsim --help tells which",
                      argv[optind - 1]);
        else if (option == '?')
            error_add(e, NULL, 0, "'%s' is no option; dcsim --help lists them",
                      argv[at < argc ? at : argc - 1]);
        else
            read_option(o, option, optarg, e);
    }
    if (!error_any(e))
        read_words(o, argc - optind, argv + optind, e);
    return !error_any(e);
}

void options_clear(struct options *o) {
    for (size_t i = 0; i < o->sets; i++)
        override_clear(&o->set[i]);
    free(o->set);
    *o = (struct options){.set = NULL};
}
