/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SERVING_BINDING_H
#define SIM_SERVING_BINDING_H

/* What keeps a node from producing more tokens (DESIGN 7, "binding constraint"). The numbers are
 * the values of `binding` in the result file: never reuse one. */

enum binding {
    BINDING_DEMAND,  /* no work, or work and room for more */
    BINDING_COMPUTE, /* full; compute sets the iteration's time */
    BINDING_MEMORY,  /* full; memory bandwidth sets it */
    BINDING_KV,      /* full by KV memory */
    BINDING_FEED,    /* slowed by a cap that the feed's limit set */
    BINDING_COOLING, /* slowed by a cap that the plant's heat limit set */
    BINDING_RACK,    /* slowed by the rack's limit */
    BINDING_NODE,    /* slowed by the node's own cap */
    BINDING_COUNT
};

/* "demand", "compute", "memory", "kv", "feed", "cooling", "rack", "node". */
extern const char *const binding_name[BINDING_COUNT];

#endif
