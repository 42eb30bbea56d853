# The headers that nearly every file above json includes are compiled once for the libraries and once for their tests.
set(aright_headers <boost/json.hpp> <fmt/format.h> <algorithm> <array> <chrono> <deque> <expected> <filesystem> <functional>
    <map> <memory> <mutex> <optional> <set> <span> <sstream> <string> <string_view> <unordered_map> <vector>)

# aright_precompile(TARGET MAKER MODULES HEADERS...): MAKER compiles the headers, other targets take them over from it.
# What stands below json does without.
function(aright_precompile target maker modules)
  if(target STREQUAL maker)
    target_precompile_headers(${target} PRIVATE ${ARGN})
  elseif("json" IN_LIST modules)
    target_precompile_headers(${target} REUSE_FROM ${maker})
  endif()
endfunction()

# Files of a module are compiled a few at a time, since headers cost most of a build from nothing. Who works on single files
# turns it off; docs/contributing/testing.md.
option(ARIGHT_UNITY "compile several files of a module as one" OFF)
set(aright_unity_files 16)  # twice as many save no more

# aright_unity(TARGET [ALONE...]): what stands in the files' unnamed namespaces has one name each (tools/tidy names), but for
# files that are compiled alone.
function(aright_unity target)
  set(alone ${ARGN})
  list(TRANSFORM alone PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/")
  set_source_files_properties(${alone} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${ARIGHT_UNITY} UNITY_BUILD_BATCH_SIZE ${aright_unity_files})
  if(ARIGHT_UNITY)
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)  # of fixtures, which no other file names
  endif()
endfunction()

# aright_add_tests(NAME [SHARDS]): the tests of NAME_test, in so many processes side by side.
function(aright_add_tests name)
  set(shards ${ARGN})
  if(NOT shards)
    add_test(NAME ${name} COMMAND ${name}_test)
    return()
  endif()
  foreach(shard RANGE 1 ${shards})
    add_test(NAME ${name}_${shard} COMMAND ${name}_test)
    math(EXPR index "${shard} - 1")
    set_property(TEST ${name}_${shard} PROPERTY ENVIRONMENT GTEST_TOTAL_SHARDS=${shards} GTEST_SHARD_INDEX=${index})
    set_property(TEST ${name}_${shard} PROPERTY COST 100)  # the longest first, so that none is left alone at the end
  endforeach()
endfunction()

# aright_module(NAME [USES module...] [LINKS library...] [TESTS_USE module...] [ALONE file...] [SHARDS count])
#
# A module is one folder of src/: its library, and one test program from the *_test.cc files that stand
# beside what they test. USES names every other module whose headers it includes; tools/tidy compares that
# list with the includes. TESTS_USE names modules whose headers only its tests include; they may stand above it.
# ALONE names files that aright_unity leaves out. SHARDS: see aright_add_tests.
function(aright_module name)
  cmake_parse_arguments(arg "" "SHARDS" "USES;LINKS;TESTS_USE;ALONE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cc")
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  set(uses ${arg_USES})
  list(TRANSFORM uses PREPEND "aright_")

  if(sources)
    add_library(aright_${name} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(aright_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(aright_${name} ${scope} "${CMAKE_SOURCE_DIR}/src")
  target_link_libraries(aright_${name} ${scope} ${uses} ${arg_LINKS})

  if(sources)
    aright_unity(aright_${name} ${arg_ALONE})
    aright_precompile(aright_${name} aright_json "${name};${arg_USES}" ${aright_headers})
  endif()

  if(tests)
    set(tests_use ${arg_TESTS_USE})
    list(TRANSFORM tests_use PREPEND "aright_")
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE aright_${name} ${tests_use} GTest::gmock GTest::gtest_main)
    target_compile_definitions(${name}_test PRIVATE ARIGHT_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    target_compile_options(${name}_test PRIVATE -O0)  # compiled far longer than run
    if(ARIGHT_SANITIZE)
      target_compile_options(${name}_test PRIVATE -fno-sanitize=undefined)  # what they test is looked at, not they
    endif()
    aright_unity(${name}_test)
    aright_precompile(${name}_test json_test "${name};${arg_USES}" <gmock/gmock.h> <gtest/gtest.h> ${aright_headers})
    aright_add_tests(${name} ${arg_SHARDS})
  endif()
endfunction()
