// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/pcg.h"

#include <pcg_random.hpp>

namespace {

using word = pcg64::state_type; // 128 bits

word join(const uint64_t half[2]) {
    return word(half[1]) << 64 | word(half[0]);
}

void part(word whole, uint64_t half[2]) {
    half[0] = static_cast<uint64_t>(whole);
    half[1] = static_cast<uint64_t>(whole >> 64);
}

// The library's generator with its protected state open to us.
class face : public pcg64 {
  public:
    face(word seed, word stream) : pcg64(seed, stream) {
    }
    face(const uint64_t state[2], const uint64_t inc[2]) {
        state_ = join(state);
        inc_ = join(inc);
    }
    word state() const {
        return state_;
    }
    word increment_word() const {
        return inc_;
    }
};

} // namespace

extern "C" void pcg_seed(uint64_t state[2], uint64_t inc[2], const uint64_t seed[2],
                         const uint64_t stream[2]) {
    const face generator(join(seed), join(stream));
    part(generator.state(), state);
    part(generator.increment_word(), inc);
}

extern "C" uint64_t pcg_next(uint64_t state[2], const uint64_t inc[2]) {
    face generator(state, inc);
    const uint64_t bits = generator();
    part(generator.state(), state);
    return bits;
}
