#pragma once
// std::visit with one lambda for each alternative.

namespace aright {

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};

}  // namespace aright
