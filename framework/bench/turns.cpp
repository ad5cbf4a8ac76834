#include "framework/bench/turns.h"

namespace mixwright::bench {

std::vector<std::vector<double>> take_turns(const std::vector<Turn>& sides,
                                            int rounds,
                                            const std::function<void(int round)>& before_round) {
  std::vector<std::vector<double>> seconds(sides.size());
  for (int round = 0; round < rounds; ++round) {
    before_round(round);
    for (size_t i = 0; i < sides.size(); ++i) {
      const size_t side = (static_cast<size_t>(round) + i) % sides.size();
      seconds[side].push_back(sides[side]());
    }
  }
  return seconds;
}

}  // namespace mixwright::bench
