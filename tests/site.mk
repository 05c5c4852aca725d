# Tests of site; included by the top Makefile.am.
check_PROGRAMS += tests/test_span tests/test_cooling tests/test_capping
tests_test_span_SOURCES = tests/test_span.c
tests_test_cooling_SOURCES = tests/test_cooling.c
tests_test_capping_SOURCES = tests/test_capping.c
check_PROGRAMS += tests/test_site
tests_test_site_SOURCES = tests/test_site.c tests/site_fixture.c tests/site_fixture.h \
	tests/models_fixture.h
check_PROGRAMS += tests/test_warmup
tests_test_warmup_SOURCES = tests/test_warmup.c tests/site_fixture.c tests/site_fixture.h \
	tests/models_fixture.h
check_PROGRAMS += tests/test_ceiling tests/test_sample
tests_test_ceiling_SOURCES = tests/test_ceiling.c tests/site_fixture.c tests/site_fixture.h \
	tests/models_fixture.h
tests_test_sample_SOURCES = tests/test_sample.c tests/site_fixture.c tests/site_fixture.h \
	tests/models_fixture.h
check_PROGRAMS += tests/test_water
tests_test_water_SOURCES = tests/test_water.c tests/site_fixture.c tests/site_fixture.h \
	tests/models_fixture.h
check_PROGRAMS += tests/test_saturation
tests_test_saturation_SOURCES = tests/test_saturation.c tests/models_fixture.h
check_PROGRAMS += tests/test_resource
tests_test_resource_SOURCES = tests/test_resource.c tests/site_fixture.c tests/site_fixture.h \
	tests/models_fixture.h
check_PROGRAMS += tests/test_agreement
tests_test_agreement_SOURCES = tests/test_agreement.c tests/agreement_site.c tests/agreement_site.h \
	tests/models_fixture.h
# Written up by `make agreement`; see the top Makefile.am.
EXTRA_PROGRAMS += tests/agreement
CLEANFILES += tests/agreement
tests_agreement_SOURCES = tests/agreement.c tests/agreement_site.c tests/agreement_site.h \
	tests/models_fixture.h
