/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/serving/binding.h"

const char *const binding_name[BINDING_COUNT] = {
    [BINDING_DEMAND] = "demand", [BINDING_COMPUTE] = "compute", [BINDING_MEMORY] = "memory",
    [BINDING_KV] = "kv",         [BINDING_FEED] = "feed",       [BINDING_COOLING] = "cooling",
    [BINDING_RACK] = "rack",     [BINDING_NODE] = "node",
};
