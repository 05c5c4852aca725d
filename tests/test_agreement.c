/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when the diagnostic and the marginal values name different constraints on more than 5 % of
 * random saturated sites (a wrong operating point, power or K_eff; caps that do not keep the feed),
 * or when K_eff does not count in full far on the side of compute, and not at all on that of power.
 * `make agreement` does the same with more sites and writes docs/agreement.md. */
#include "tests/agreement_site.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* The first sites of the first stream of docs/agreement.md. */
enum { STREAM = 1, SITES = 24 };

/* What each value must be away from the boundary: every node at full frequency, or every iteration
 * under a cap. */
static void check_sides(const struct agreement *a) {
    if (a->ratio > 1.02) {
        assert_true(a->power.value == 0.0);
        assert_true(fabs(a->k_eff.value - 1.0) < 0.1 + 1.5 * a->k_eff.half);
    } else if (a->rho < 0.9) {
        assert_true(a->power.value > 0.1);
        assert_true(fabs(a->k_eff.value) < 0.01 + 1.5 * a->k_eff.half);
    }
}

static void test_agreement(void **state) {
    (void)state;
    int saturated = 0, power = 0, agree = 0;
    for (unsigned i = 0; i < SITES; i++) {
        struct agreement a;
        agreement_run(STREAM, i, &a);
        if (!agreement_saturated(&a))
            continue;
        const bool same = agreement_diagnosed(&a) == agreement_valued(&a);
        saturated++;
        power += agreement_diagnosed(&a);
        agree += same;
        if (!same)
            print_message("# site %u, %s: rho %.3f rho*, P_IT %.3f +- %.3f, K_eff %.3f +- %.3f\n",
                          i, a.text, a.rho, a.power.value, a.power.half, a.k_eff.value,
                          a.k_eff.half);
        check_sides(&a);
    }
    print_message("# %d of %d saturated sites agree; power is the scarcer on %d\n", agree,
                  saturated, power);
    assert_true(saturated >= SITES - 4);
    assert_true(power >= SITES / 5 && saturated - power >= SITES / 5);
    assert_true(agree >= 0.95 * saturated);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_agreement)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
