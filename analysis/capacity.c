/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/capacity.h"

#include "analysis/edge_file.h"
#include "analysis/edge_print.h"
#include "sim/engine/ranks.h"

#include <math.h>

/* The edges of one command. */
enum { EDGES = 2 };
struct edges {
    struct edge edge[EDGES];
    size_t count;
};

static void add(struct edges *all, enum edge_kind kind, const struct axis *axis,
                const struct options *o) {
    all->edge[all->count++] =
        (struct edge){.kind = kind,
                      .axis = axis,
                      .tolerance = isfinite(o->tolerance) ? o->tolerance : EDGE_TOLERANCE};
}

static bool work(struct search *s, void *user, struct error *e) {
    struct edges *all = user;
    bool found = true;
    for (size_t i = 0; i < all->count && found; i++)
        found = edge_find(&all->edge[i], s, e);
    return found;
}

static void file(const struct search *s, const void *user, struct h5out *out) {
    const struct edges *all = user;
    for (size_t i = 0; i < all->count; i++)
        edge_file(&all->edge[i], s, out);
}

static void print(const struct search *s, const void *user, FILE *to) {
    const struct edges *all = user;
    edge_print_goal(s, to);
    for (size_t i = 0; i < all->count; i++)
        edge_print(&all->edge[i], s, to);
}

static void clear(struct edges *all) {
    for (size_t i = 0; i < all->count; i++)
        edge_clear(&all->edge[i]);
}

enum run_status capacity_run(const struct options *o, struct error *e) {
    static const struct search_command what = {"_capacity", true, work, file, print};
    struct edges all = {.count = 0};
    add(&all, EDGE_DEMAND, NULL, o);
    const enum run_status status = search_command(&what, &all, o, e);
    clear(&all);
    return status;
}

/* The axis that size goes along; false with messages. */
static bool read_axis(struct axis *a, const struct options *o, struct error *e) {
    if (o->vary.count > 1) {
        error_add(e, NULL, 0, "--vary: found %zu axes; size goes along one", o->vary.count);
        return false;
    }
    if (!axis_read(a, o->vary.text[0], e))
        return false;
    const double low = a->whole ? ceil(a->low) : a->low, high = a->whole ? floor(a->high) : a->high;
    if (a->count > 0 || !(low > 0.0) || !(low < high)) {
        error_add(e, NULL, 0,
                  "--vary '%s': size takes a range above 0, NAME=XPATH=LO:HI or LO:HI:int",
                  o->vary.text[0]);
        return false;
    }
    return axis_names(a, 1, e);
}

enum run_status size_run(const struct options *o, struct error *e) {
    static const struct search_command what = {"_size", true, work, file, print};
    struct edges all = {.count = 0};
    struct axis axis = {.low = NAN};
    enum run_status status = RUN_MISTAKE;
    if (o->vary.count == 0) {
        add(&all, EDGE_NODES, NULL, o);
        add(&all, EDGE_FEED, NULL, o);
    } else if (read_axis(&axis, o, e)) {
        add(&all, EDGE_AXIS, &axis, o);
    }
    if (ranks_agree(all.count > 0, e))
        status = search_command(&what, &all, o, e);
    clear(&all);
    axis_clear(&axis);
    return status;
}
