#pragma once
// Files that the binary carries (cmake/embed.cmake). ARIGHT_EMBEDDED(models) declares them, at namespace scope;
// embedded_models() then gives the bytes.

#include <string_view>

#define ARIGHT_EMBEDDED(symbol)                                             \
  extern "C" const char aright_##symbol##_begin[];                          \
  extern "C" const char aright_##symbol##_end[];                            \
  inline std::string_view embedded_##symbol() {                             \
    return {aright_##symbol##_begin,                                        \
            static_cast<std::size_t>(aright_##symbol##_end - aright_##symbol##_begin)}; \
  }
