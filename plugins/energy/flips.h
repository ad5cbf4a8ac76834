#pragma once

#include "descent.h"

namespace mixwright::energy {

/// Units of two values, x and -x: each takes the one in which the energy is lower, all others held.
///
///   x_i <- -x_i   where   E(g(.., -x_i, ..)) < E(g(.., x_i, ..))
///
/// In turn (asynchronous), each unit sees those before it, so that E never rises. Together, all see
/// the state before the sweep; pairs of states may then take turns for ever.
/// With units of -1 and 1 and a hidden layer whose Lagrangian sums F of its inputs it is
///   x_i <- sign sum_k [F(m_ki + sum_j!=i m_kj x_j) - F(-m_ki + sum_j!=i m_kj x_j)],
/// and with F(h) = h^2 / 2 Hopfield's rule, without self-coupling.
/// Source: Hopfield 1982, doi:10.1073/pnas.79.8.2554; Krotov, Hopfield 2016, arXiv:1606.01164
/// eq. 3.
struct Swept {
  MemoryState state;
  bool changed = false;  ///< whether a unit of any sample changed
};

/// Every unit of every layer that moves once.
Swept swept(const MemoryGraphImpl& graph, const MemoryState& state, Order order);

/// Sweeps until nothing changes, at most `sweeps`. There is nothing to differentiate: where
/// autograd is on, an Error says so when gradients are asked for.
MemoryState settled_by_flips(const MemoryGraphImpl& graph,
                             MemoryState state,
                             Order order,
                             int64_t sweeps);

}  // namespace mixwright::energy
