/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_IO_SCENARIO_IMPL_H
#define SIM_IO_SCENARIO_IMPL_H

/* What the files of the scenario's loader share. Each function reads one element, records all its
 * mistakes in r, and leaves NAN or a default where it found one. */

#include "sim/io/attribute.h"
#include "sim/io/scenario.h"

/* An attribute, or the <schedule of="name"> in its element, as a schedule in SI units. Neither: the
 * constant `fallback`, where NAN means that one must be there. */
void scenario_schedule(struct reader *r, const xmlNode *element, const char *name,
                       enum unit_kind kind, enum attribute_range range, double fallback,
                       struct schedule *out);

/* Whether the element holds a <schedule of="name">. */
bool scenario_has_schedule(const xmlNode *element, const char *name);

/* Refuses schedules in `element` of anything but `names` (ends with NULL), and second ones. */
void scenario_schedules_check(struct reader *r, const xmlNode *element, const char *const *names);

void scenario_feed(struct reader *r, const xmlNode *element, struct site_spec *out);
void scenario_weather(struct reader *r, const xmlNode *element, struct site_spec *out);
void scenario_tariff(struct reader *r, const xmlNode *element, struct site_spec *out);
void scenario_capping(struct reader *r, const xmlNode *element, struct site_spec *out);

/* Cooling; `nameplate` W is what load share 1 means where design_load is not stated. */
void scenario_cooling(struct reader *r, const xmlNode *element, double nameplate,
                      struct scenario *s);

void scenario_cells(struct reader *r, const xmlNode *element, struct scenario *s,
                    struct cell_spec *out);
void scenario_workload(struct reader *r, const xmlNode *element, struct scenario *s,
                       const struct llm *llm, struct workload_spec *out);

/* The tables by name, read once; NULL after a mistake. Owned by the scenario. */
const struct hardware *scenario_hardware(struct reader *r, const xmlNode *node, struct scenario *s);
const struct llm *scenario_llm(struct reader *r, const xmlNode *replica, struct scenario *s);
const struct serving_engine *scenario_engine(struct reader *r, const xmlNode *replica,
                                             struct scenario *s);

/* The trace that an attribute names, read once; NULL after a mistake. Owned by the scenario. */
const struct trace *scenario_trace(struct reader *r, const xmlNode *element, const char *attribute,
                                   struct scenario *s);

#endif
