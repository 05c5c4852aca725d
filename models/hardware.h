/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODELS_HARDWARE_H
#define MODELS_HARDWARE_H

/* An accelerator in its server, as its table states it: peaks, memory, links, power, host. */

#include "models/precision.h"

struct hardware {
    char name[64];
    double peak[PRECISION_COUNT]; /* dense FLOP/s (OP/s for INT); 0: not supported. A precision
                                     without hardware runs at the next wider one's peak */
    double memory;                /* HBM bytes of one GPU */
    double bandwidth;             /* HBM B/s, nominal */
    double link;                  /* scale-up link, B/s in one direction, one GPU */
    double gpus;                  /* GPUs in one node */
    /* Calibrated efficiencies, on the peaks above. */
    double eta_compute[PRECISION_COUNT]; /* of peak, matrix work */
    double eta_memory;                   /* of bandwidth, reading weights */
    double eta_kv;                       /* of bandwidth, reading KV */
    double eta_state;                    /* of bandwidth, reading and writing recurrent state */
    double eta_attention;                /* of the FP16 peak, attention's own products */
    double allreduce_latency;            /* s, one all-reduce among eight GPUs */
    double allreduce_bandwidth;          /* B/s, in `latency + 2 (G-1)/G bytes / this` */
    /* Power of one GPU (docs/equations.md, 3). */
    double power_limit;   /* W, TDP */
    double power_clamp;   /* share of power_limit that the board really reaches under full load */
    double power_idle;    /* W, context loaded, waiting */
    double power_active;  /* W more while an iteration runs, whatever it does */
    double power_compute; /* W, P_c */
    double power_scale;   /* s_c */
    double power_memory;  /* W, P_m */
    double power_gamma;   /* exponent of frequency in phi^gamma */
    double power_fixed;   /* share of P_m that does not follow the frequency: the memory's own */
    double power_experts[3]; /* what FLOP and bytes of routed experts count for in u_c and u_m, by
                                weights of 16, 8 and 4 bits */
    double phi_min;          /* lowest relative frequency */
    double cap_min;          /* W, the lowest cap that can be set */
    /* The rest of the node: P_node = host_power + (1 + host_slope) sum P_gpu. */
    double host_power; /* W */
    double host_slope; /* h, dimensionless */
    double node_max;   /* W, nameplate of the node */
    double price;      /* USD per GPU; 0: not stated */
};

/* Peak FLOP/s of one GPU for arithmetic in `p`; a format without hardware support falls back to the
 * next wider supported one (FP4, INT4 -> FP8 or INT8 -> FP16). Never 0. `*used` gets the precision
 * that the arithmetic really runs in. */
double hardware_peak(const struct hardware *h, enum precision p, enum precision *used);

#endif
