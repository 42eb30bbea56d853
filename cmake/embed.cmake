# aright_embed(TARGET SYMBOL FILE): puts FILE's bytes into TARGET's read-only data.
# C++ sees them through base/embedded.h:  ARIGHT_EMBEDDED(symbol)  gives a std::string_view.
function(aright_embed target symbol file)
  set(source "${CMAKE_CURRENT_BINARY_DIR}/embed_${symbol}.S")
  file(CONFIGURE OUTPUT "${source}" @ONLY CONTENT
    ".section .rodata\n.balign 16\n.global aright_@symbol@_begin\naright_@symbol@_begin:\n.incbin \"@file@\"\n.global aright_@symbol@_end\naright_@symbol@_end:\n.byte 0\n.section .note.GNU-stack,\"\",%progbits\n")
  set_source_files_properties("${source}" PROPERTIES OBJECT_DEPENDS "${file}" LANGUAGE ASM)
  target_sources(${target} PRIVATE "${source}")
endfunction()
