/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/trajectory_impl.h"

#include <string.h>

#define FIGURE(name_, unit_, text_)                                                                \
    { .name = name_, .unit = unit_, .long_name = text_ }
#define OF(name_, kind_)                                                                           \
    { .name = name_, .kind = kind_ }
#define SUM_OF(name_)  OF(name_, TRAJECTORY_TOTAL)
#define MEAN_OF(name_) OF(name_, TRAJECTORY_MEAN)
#define PEAK_OF(name_) OF(name_, TRAJECTORY_MOST)
#define RATIO_OF(name_, top_, bottom_, scale_)                                                     \
    { .name = name_, .kind = TRAJECTORY_RATIO, .top = top_, .bottom = bottom_, .scale = scale_ }

static const struct trajectory_definition definition[] = {
    SUM_OF("Q_token"),
    SUM_OF("good_tokens"),
    SUM_OF("prompt_tokens"),
    SUM_OF("requests_arrived"),
    SUM_OF("requests_done"),
    SUM_OF("requests_rejected"),
    SUM_OF("flop"),
    SUM_OF("it_energy"),
    SUM_OF("site_energy"),
    SUM_OF("overshoot_energy"),
    SUM_OF("overshoot_time"),
    SUM_OF("cost"),
    SUM_OF("carbon"),
    SUM_OF("water"),
    RATIO_OF("e_tok", "it_energy", "Q_token", 1),
    RATIO_OF("e_tok_site", "site_energy", "Q_token", 1),
    RATIO_OF("c_tok", "flop", "Q_token", 1),
    RATIO_OF("PUE", "site_energy", "it_energy", 1),
    {.name = "good_share",
     .kind = TRAJECTORY_RATIO,
     .top = "good_tokens",
     .bottom = "Q_token",
     .scale = 1,
     .figure = FIGURE("good_share", "1", "good_tokens over Q_token")},
    RATIO_OF("cost_per_million_tokens", "cost", "Q_token", 1e6),
    RATIO_OF("carbon_per_million_tokens", "carbon", "Q_token", 1e6),
    RATIO_OF("water_per_million_tokens", "water", "Q_token", 1e6),
    MEAN_OF("token_rate_mean"),
    MEAN_OF("site_power_mean"),
    PEAK_OF("site_power_peak"),
    MEAN_OF("feed_limit_mean"),
    {.name = "it_power_available",
     .kind = TRAJECTORY_OWN,
     .own = TRAJECTORY_IT_AVAILABLE,
     .figure =
         FIGURE("it_power_available", "W", "IT power that feed and plant leave, mean over time")},
    MEAN_OF("nodes"),
    MEAN_OF("K_eff"),
    MEAN_OF("K_peak"),
    {.name = "compute_ceiling",
     .kind = TRAJECTORY_OWN,
     .own = TRAJECTORY_COMPUTE_CEILING,
     .figure = FIGURE("compute_ceiling", "token/s",
                      "K_eff over c_tok of the operating point, mean over time")},
    {.name = "power_ceiling",
     .kind = TRAJECTORY_OWN,
     .own = TRAJECTORY_POWER_CEILING,
     .figure = FIGURE("power_ceiling", "token/s",
                      "it_power_available over e_tok of the operating point, mean over time")},
    {.name = "token_rate_full",
     .kind = TRAJECTORY_AT_FULL,
     .top = "token_rate_mean",
     .figure = FIGURE("token_rate_full", "token/s",
                      "output tokens/s at a demand that fills the site, whatever their latency")},
    {.name = "demand_share_full",
     .kind = TRAJECTORY_AT_FULL,
     .top = "binding_share_demand",
     .figure = FIGURE("demand_share_full", "1",
                      "share of node-time that demand bound all the same in those runs")},
    {.name = "overload_share",
     .kind = TRAJECTORY_OWN,
     .own = TRAJECTORY_OVERLOAD,
     .figure = FIGURE("overload_share", "1",
                      "share of time in windows whose queue grows: their latencies and good tokens "
                      "are of how long they were simulated")},
    MEAN_OF("U"),
    MEAN_OF("rho"),
    MEAN_OF("rho_peak"),
    MEAN_OF("rho_star"),
    MEAN_OF("binding_share_demand"),
    MEAN_OF("binding_share_compute"),
    MEAN_OF("binding_share_memory"),
    MEAN_OF("binding_share_kv"),
    MEAN_OF("binding_share_feed"),
    MEAN_OF("binding_share_cooling"),
    MEAN_OF("binding_share_rack"),
    MEAN_OF("binding_share_node"),
};
enum { FIGURES = sizeof definition / sizeof definition[0] };

const struct trajectory_definition *trajectory_define(size_t i) {
    return &definition[i];
}

size_t trajectory_figures(void) {
    return FIGURES;
}

const struct figure *trajectory_figure(size_t i) {
    const long there = outcome_find(definition[i].name);
    return there >= 0 ? outcome_figure((size_t)there) : &definition[i].figure;
}

long trajectory_find(const char *name) {
    for (size_t i = 0; i < FIGURES; i++)
        if (strcmp(definition[i].name, name) == 0)
            return (long)i;
    return -1;
}
