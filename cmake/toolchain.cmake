# How every file is compiled: standard, warnings, sanitizers, linker, cache.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g0 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(--param=ggc-min-heapsize=1048576)  # KiB; below it the compiler does not stop to collect garbage
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Werror=switch -Werror=return-type -Wno-missing-field-initializers)

set(ARIGHT_SANITIZE "" CACHE STRING "comma-separated sanitizers, e.g. address,undefined")
if(ARIGHT_SANITIZE)
  add_compile_options(-fsanitize=${ARIGHT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  # Not the checks before every access, a quarter of the compiler's time: AddressSanitizer sees where a bad pointer leads.
  add_compile_options(-fno-sanitize=null,alignment,object-size,vptr,pointer-overflow)
  add_link_options(-fsanitize=${ARIGHT_SANITIZE})
  set(CMAKE_CXX_FLAGS_DEBUG "-Og -g0")  # compiled a third faster than -O1; a report names functions; docs/contributing/testing.md has lines as well
endif()

# libFuzzer, by clang 19; tests/fuzz says how. Only the fuzz targets are worth building so.
option(ARIGHT_FUZZ "build the fuzz targets as libFuzzer programs" OFF)
if(ARIGHT_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  # Precompiled headers and the cache get on when both look at what is in the files rather than at their dates.
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env CCACHE_SLOPPINESS=pch_defines,time_macros "${CCACHE}")
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
  endif()
endif()
# The linker is GNU's. LLD 14 drops the unwinding of a function that begins where an empty one stands, and an exception that
# crosses it ends the process; tests/assurance/allocation_test.cc sees it.
