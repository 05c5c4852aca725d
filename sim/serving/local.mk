# Sources of sim/serving/; included by the top Makefile.am.
libdcsim_a_SOURCES += sim/serving/admission.c sim/serving/admission.h sim/serving/agenda.h \
	sim/serving/binding.c sim/serving/binding.h sim/serving/cell.c sim/serving/cell.h \
	sim/serving/cell_impl.h sim/serving/composition.c sim/serving/composition.h \
	sim/serving/kv.c sim/serving/kv.h sim/serving/meter.h sim/serving/replica.c \
	sim/serving/replica.h sim/serving/router.c sim/serving/router.h \
	sim/serving/router_least_outstanding.c sim/serving/router_power_of_two.c \
	sim/serving/router_random.c sim/serving/router_round_robin.c sim/serving/scheduler.c \
	sim/serving/scheduler.h sim/serving/scheduler_chunked.c \
	sim/serving/scheduler_prefill_first.c sim/serving/scheduler_static.c \
	sim/serving/segment.h sim/serving/sequence.c sim/serving/sequence.h
