/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/site/column.h"

#include "sim/serving/binding.h"

const struct series_column column_table[COLUMN_COUNT] = {
    [COLUMN_TOKEN_RATE] = {.name = "token_rate",
                           .unit = "token/s",
                           .long_name = "output tokens emitted per second"},
    [COLUMN_GOOD_TOKEN_RATE] = {.name = "good_token_rate",
                                .unit = "token/s",
                                .long_name = "output tokens per second of requests that ended in "
                                             "the period and met the service and quality targets"},
    [COLUMN_PROMPT_TOKEN_RATE] = {.name = "prompt_token_rate",
                                  .unit = "token/s",
                                  .long_name = "prompt tokens per second whose prefill was done"},
    [COLUMN_ARRIVAL_RATE] = {.name = "arrival_rate",
                             .unit = "request/s",
                             .long_name = "requests that arrived per second"},
    [COLUMN_QUEUED_REQUESTS] = {.name = "queued_requests",
                                .unit = "request",
                                .long_name = "requests waiting at the end of the period"},
    [COLUMN_RUNNING_REQUESTS] = {.name = "running_requests",
                                 .unit = "request",
                                 .long_name = "requests running at the end of the period"},
    [COLUMN_SITE_POWER] = {.name = "site_power",
                           .unit = "W",
                           .long_name = "mean power drawn from the feed: IT power times PUE"},
    [COLUMN_IT_POWER] = {.name = "it_power",
                         .unit = "W",
                         .long_name = "mean power of all nodes at their terminals"},
    [COLUMN_IT_POWER_AVAILABLE] = {.name = "it_power_available",
                                   .unit = "W",
                                   .long_name =
                                       "IT power that the feed's limit leaves after losses "
                                       "and cooling, at most the plant's heat limit"},
    [COLUMN_FEED_LIMIT] = {.name = "feed_limit",
                           .unit = "W",
                           .long_name = "limit of the grid connection, mean over the period"},
    [COLUMN_PUE] = {.name = "pue", .unit = "1", .long_name = "site power over IT power"},
    [COLUMN_OUTDOOR_TEMPERATURE] = {.name = "outdoor_temperature",
                                    .unit = "K",
                                    .long_name = "outdoor dry-bulb temperature, mean over the "
                                                 "period"},
    [COLUMN_COMPUTE_CEILING] = {.name = "compute_ceiling",
                                .unit = "token/s",
                                .long_name = "token rate of all nodes at the operating point: "
                                             "K_eff over its c_tok"},
    [COLUMN_POWER_CEILING] = {.name = "power_ceiling",
                              .unit = "token/s",
                              .long_name =
                                  "it_power_available over the operating point's e_tok, at "
                                  "the frequency that the power carries"},
    [COLUMN_K_EFF] = {.name = "K_eff",
                      .unit = "FLOP/s",
                      .long_name = "FLOP/s of all nodes at the operating point, never idle, never "
                                   "capped"},
    [COLUMN_K_PEAK] = {.name = "K_peak",
                       .unit = "FLOP/s",
                       .long_name = "datasheet FLOP/s of all nodes at the precision in use"},
    [COLUMN_E_TOK] = {.name = "e_tok",
                      .unit = "J/token",
                      .long_name = "IT energy over output tokens; missing when there are none"},
    [COLUMN_C_TOK] = {.name = "c_tok",
                      .unit = "FLOP/token",
                      .long_name = "FLOP done over output tokens; missing when there are none"},
    [COLUMN_U] = {.name = "U",
                  .unit = "1",
                  .long_name = "token rate over the lower of the two ceilings"},
    [COLUMN_RHO] = {.name = "rho", .unit = "J/FLOP", .long_name = "it_power_available over K_eff"},
    [COLUMN_RHO_PEAK] = {.name = "rho_peak",
                         .unit = "J/FLOP",
                         .long_name = "it_power_available over K_peak"},
    [COLUMN_RHO_STAR] = {.name = "rho_star",
                         .unit = "J/FLOP",
                         .long_name = "e_tok over c_tok of the operating point, e_tok at the "
                                      "frequency that the power carries"},
    [COLUMN_BINDING] = {.name = "binding",
                        .unit = "1",
                        .long_name = "constraint with the largest share of node-time",
                        .flags = binding_name,
                        .flag_count = BINDING_COUNT},
};
