/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/ranks.h"

#include "config.h"

#include "sim/engine/memory.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* What launchers tell the processes that they start: Open MPI's, and those that speak PMI. */
static long launched_ranks(void) {
    static const char *const name[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"};
    for (size_t i = 0; i < sizeof name / sizeof name[0]; i++) {
        const char *text = getenv(name[i]);
        if (text != NULL)
            return strtol(text, NULL, 10);
    }
    return 1;
}

/* False with a message when there are fewer ranks than the launcher started. */
static bool all_joined(const char *why, struct error *e) {
    const long wanted = launched_ranks();
    if (wanted <= ranks_count())
        return true;
    error_add(e, NULL, 0, "found itself one of %ld processes that cannot join: %s", wanted, why);
    return false;
}

/* Items of each rank, rank after rank. */
static void count_items(struct ranks_share *s, int ranks) {
    for (size_t i = 0; i < s->items; i++) {
        assert(s->owner[i] >= 0 && s->owner[i] < ranks);
        s->count[s->owner[i]]++;
    }
    for (int r = 1; r < ranks; r++)
        s->first[r] = s->first[r - 1] + s->count[r - 1];
}

void ranks_share_init(struct ranks_share *s, const int *owner, size_t items) {
    const int ranks = ranks_count();
    assert(items <= INT_MAX);
    *s = (struct ranks_share){.items = items};
    s->owner = memory_new(items, sizeof *s->owner);
    s->count = memory_new((size_t)ranks, sizeof *s->count);
    s->first = memory_new((size_t)ranks, sizeof *s->first);
    s->next = memory_new((size_t)ranks, sizeof *s->next);
    for (size_t i = 0; i < items; i++)
        s->owner[i] = owner[i];
    count_items(s, ranks);
}

void ranks_share_clear(struct ranks_share *s) {
    free(s->owner);
    free(s->count);
    free(s->first);
    free(s->next);
    free(s->parcel);
    *s = (struct ranks_share){0};
}

bool ranks_agree(bool good, struct error *e) {
    const int first = ranks_first(!good);
    if (first == ranks_count())
        return true;
    if (ranks_index() != first)
        error_clear(e);
    else if (first > 0)
        error_add(e, NULL, 0, "that was found on rank %d of %d, and not on rank 0", first,
                  ranks_count());
    return false;
}

#ifdef HAVE_MPI
#include <mpi.h>
#include <stdio.h>

/* The one place where the ranks end because one of them is lost. */
static void check(int code, const char *what) {
    if (code == MPI_SUCCESS)
        return;
    char text[MPI_MAX_ERROR_STRING];
    int length = 0, index = -1;
    if (MPI_Error_string(code, text, &length) != MPI_SUCCESS)
        length = 0;
    (void)MPI_Comm_rank(MPI_COMM_WORLD, &index); /* when that fails too, -1 is printed */
    fprintf(stderr, "dcsim: rank %d cannot %s, so all ranks end: %.*s\n", index, what, length,
            text);
    (void)MPI_Abort(MPI_COMM_WORLD, 1); /* if it returns, this rank ends itself */
    exit(1);
}

/* Whether MPI is in use: between ranks_begin and ranks_end, and only under a launcher. */
static bool joined(void) {
    int begun = 0, ended = 0;
    check(MPI_Initialized(&begun), "ask for MPI's state");
    check(MPI_Finalized(&ended), "ask for MPI's state");
    return begun && !ended;
}

/* Without a launcher MPI would start daemons of its own, or fail where it cannot. */
static bool launched(void) {
    static const char *const name[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"};
    for (size_t i = 0; i < sizeof name / sizeof name[0]; i++)
        if (getenv(name[i]) != NULL)
            return true;
    return false;
}

bool ranks_begin(struct error *e) {
    if (launched()) {
        int provided;
        if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS) {
            error_add(e, NULL, 0, "MPI cannot begin, though a launcher's environment is set");
            return false;
        }
        check(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN), "set the error handler");
        if (provided < MPI_THREAD_FUNNELED) {
            error_add(e, NULL, 0, "this MPI takes no program that has threads");
            return false;
        }
    }
    return all_joined(
        "the launcher is of another MPI than dcsim was built with; that MPI's mpirun, "
        "or srun --mpi=pmix, would be right",
        e);
}

void ranks_end(void) {
    if (joined())
        check(MPI_Finalize(), "leave the others");
}

int ranks_count(void) {
    int count = 1;
    if (joined())
        check(MPI_Comm_size(MPI_COMM_WORLD, &count), "count the ranks");
    return count;
}

int ranks_index(void) {
    int index = 0;
    if (joined())
        check(MPI_Comm_rank(MPI_COMM_WORLD, &index), "find its own index");
    return index;
}

int ranks_first(bool mine) {
    const int ranks = ranks_count(), candidate = mine ? ranks_index() : ranks;
    int first = candidate;
    if (ranks > 1)
        check(MPI_Allreduce(&candidate, &first, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD),
              "agree with the others");
    return first;
}

/* Calls of MPI count in int: bytes and numbers go in pieces. */
enum { PIECE = 1 << 28 };

static int piece(size_t left) {
    return left < PIECE ? (int)left : PIECE;
}

void ranks_broadcast(void *bytes, size_t size) {
    unsigned char *at = bytes;
    if (ranks_count() == 1)
        return;
    for (size_t done = 0; done < size; done += PIECE)
        check(MPI_Bcast(at + done, piece(size - done), MPI_BYTE, 0, MPI_COMM_WORLD),
              "take what rank 0 gives");
}

bool ranks_same(const void *bytes, size_t size) {
    if (ranks_count() == 1)
        return true;
    uint64_t length = size;
    ranks_broadcast(&length, sizeof length);
    unsigned char *first = memory_new((size_t)length, 1);
    if (ranks_index() == 0)
        memcpy(first, bytes, size);
    ranks_broadcast(first, (size_t)length);
    const bool same = length == size && memcmp(first, bytes, size) == 0;
    free(first);
    return same;
}

void ranks_sum(uint64_t *number, size_t count) {
    if (ranks_count() == 1)
        return;
    for (size_t done = 0; done < count; done += PIECE)
        check(MPI_Allreduce(MPI_IN_PLACE, number + done, piece(count - done), MPI_UINT64_T, MPI_SUM,
                            MPI_COMM_WORLD),
              "add to the others' sums");
}

/* Moves items between the array and the parcel, in which each rank's are together: one's own into
 * it, or all others' out of it. */
static void move(struct ranks_share *s, unsigned char *item, size_t stride, size_t size, bool in) {
    const int self = ranks_index();
    memset(s->next, 0, (size_t)ranks_count() * sizeof *s->next);
    for (size_t i = 0; i < s->items; i++) {
        const int owner = s->owner[i];
        unsigned char *slot = s->parcel + (size_t)(s->first[owner] + s->next[owner]++) * size;
        if (in && owner == self)
            memcpy(slot, item + i * stride, size);
        else if (!in && owner != self)
            memcpy(item + i * stride, slot, size);
    }
}

void ranks_gather(struct ranks_share *s, void *item, size_t stride, size_t size) {
    assert(size <= INT_MAX);
    if (ranks_count() == 1)
        return;
    if (s->parcel_size < s->items * size) {
        s->parcel_size = s->items * size;
        s->parcel = memory_resize(s->parcel, s->parcel_size, 1);
    }
    move(s, item, stride, size, true);
    MPI_Datatype one; /* counted in items, an int is enough */
    check(MPI_Type_contiguous((int)size, MPI_BYTE, &one), "describe an item");
    check(MPI_Type_commit(&one), "describe an item");
    check(MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, s->parcel, s->count, s->first, one,
                         MPI_COMM_WORLD),
          "gather the others' items");
    check(MPI_Type_free(&one), "describe an item");
    move(s, item, stride, size, false);
}

#else

bool ranks_begin(struct error *e) {
    return all_joined("this dcsim was built without MPI; configure --with-mpi would be right", e);
}

void ranks_end(void) {
}

int ranks_count(void) {
    return 1;
}

int ranks_index(void) {
    return 0;
}

int ranks_first(bool mine) {
    return mine ? 0 : 1;
}

bool ranks_same(const void *bytes, size_t size) {
    (void)bytes;
    (void)size;
    return true;
}

void ranks_broadcast(void *bytes, size_t size) {
    (void)bytes;
    (void)size;
}

void ranks_sum(uint64_t *number, size_t count) {
    (void)number;
    (void)count;
}

void ranks_gather(struct ranks_share *s, void *item, size_t stride, size_t size) {
    (void)s;
    (void)item;
    (void)stride;
    (void)size;
}

#endif
