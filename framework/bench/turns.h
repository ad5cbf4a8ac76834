#pragma once

#include <functional>
#include <vector>

namespace mixwright::bench {

/// One side's turn: it runs, and gives its seconds.
using Turn = std::function<double()>;

/// Lets the sides run one after another, never two at once, and gives the seconds of each: result
/// [side][round]. All sides meet the same state of the machine, since everybody has had a turn
/// before anybody has the next; round r begins with side r, so that nobody always follows the same.
/// What a turn throws comes through.
std::vector<std::vector<double>> take_turns(const std::vector<Turn>& sides,
                                            int rounds,
                                            const std::function<void(int round)>& before_round);

}  // namespace mixwright::bench
