# aright_module(NAME [USES module...] [LINKS library...])
#
# A module is one folder of src/: its library, and one test program from the *_test.cc files that stand
# beside what they test. USES names every other module whose headers it includes; tools/tidy compares that
# list with the includes.
function(aright_module name)
  cmake_parse_arguments(arg "" "" "USES;LINKS" ${ARGN})
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

  if(tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE aright_${name} GTest::gmock GTest::gtest_main)
    target_compile_definitions(${name}_test PRIVATE ARIGHT_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    add_test(NAME ${name} COMMAND ${name}_test)
  endif()
endfunction()
