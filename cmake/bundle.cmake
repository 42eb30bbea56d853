# aright_bundle(TARGET SYMBOL PATTERN [BASE]): embeds every file that matches PATTERN as one JSON array of {"file",
# "text"}, in the order of their names; with BASE, a file is named by its path below that. C++ sees the array through
# base/embedded.h.
function(aright_bundle target symbol pattern)
  file(GLOB files CONFIGURE_DEPENDS "${pattern}")
  list(SORT files)
  set(bundle "${CMAKE_CURRENT_BINARY_DIR}/${symbol}.json")
  add_custom_command(OUTPUT "${bundle}"
    COMMAND "${CMAKE_COMMAND}" "-DFILES=${files}" "-DBUNDLE=${bundle}" "-DBASE=${ARGN}"
            -P "${CMAKE_SOURCE_DIR}/cmake/write_bundle.cmake"
    DEPENDS ${files} "${CMAKE_SOURCE_DIR}/cmake/write_bundle.cmake"
    COMMENT "Bundling ${symbol}" VERBATIM)
  aright_embed(${target} ${symbol} "${bundle}")
endfunction()
