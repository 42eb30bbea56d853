# The web console (console/): bundled by esbuild, embedded into the binary.
#
# aright_console(TARGET) gives TARGET the symbols console_index_html, console_app_js, console_app_css and
# console_icon_svg (base/embedded.h).

find_program(NODE NAMES node nodejs REQUIRED)

set(ARIGHT_CONSOLE_SOURCE "${CMAKE_SOURCE_DIR}/console")
set(ARIGHT_CONSOLE_NPM "${CMAKE_SOURCE_DIR}/build/npm/console")  # shared by all build trees
set(ARIGHT_CONSOLE_MODULES "${ARIGHT_CONSOLE_NPM}/node_modules")
set(ARIGHT_CONSOLE_BUILT "${CMAKE_BINARY_DIR}/console")          # app.js, app.css, index.html, icon.svg

set(console_installed "${CMAKE_BINARY_DIR}/console.installed")
add_custom_command(OUTPUT "${console_installed}"
  COMMAND "${CMAKE_COMMAND}" "-DPACKAGE=${ARIGHT_CONSOLE_SOURCE}" "-DINTO=${ARIGHT_CONSOLE_NPM}"
          -P "${CMAKE_SOURCE_DIR}/cmake/npm_ci.cmake"
  COMMAND "${CMAKE_COMMAND}" -E touch "${console_installed}"
  DEPENDS "${ARIGHT_CONSOLE_SOURCE}/package-lock.json" "${CMAKE_SOURCE_DIR}/cmake/npm_ci.cmake"
  COMMENT "Installing the console's packages" VERBATIM)

file(GLOB_RECURSE console_sources CONFIGURE_DEPENDS "${ARIGHT_CONSOLE_SOURCE}/src/*")
set(esbuild "${CMAKE_COMMAND}" -E env "NODE_PATH=${ARIGHT_CONSOLE_MODULES}"
            "${NODE}" "${ARIGHT_CONSOLE_MODULES}/esbuild/bin/esbuild")
add_custom_command(
  OUTPUT "${ARIGHT_CONSOLE_BUILT}/app.js" "${ARIGHT_CONSOLE_BUILT}/app.css"
         "${ARIGHT_CONSOLE_BUILT}/index.html" "${ARIGHT_CONSOLE_BUILT}/icon.svg"
  COMMAND ${esbuild} src/app.tsx --bundle --minify --target=es2022 --jsx=automatic --jsx-import-source=preact
          --log-level=warning "--outdir=${ARIGHT_CONSOLE_BUILT}"
  COMMAND "${CMAKE_COMMAND}" -E copy index.html icon.svg "${ARIGHT_CONSOLE_BUILT}"
  DEPENDS "${console_installed}" ${console_sources}
          "${ARIGHT_CONSOLE_SOURCE}/index.html" "${ARIGHT_CONSOLE_SOURCE}/icon.svg"
  WORKING_DIRECTORY "${ARIGHT_CONSOLE_SOURCE}"
  COMMENT "Bundling the console" VERBATIM)
add_custom_target(console ALL DEPENDS "${ARIGHT_CONSOLE_BUILT}/app.js")

function(aright_console target)
  foreach(file IN ITEMS index.html app.js app.css icon.svg)
    string(REPLACE "." "_" symbol "console_${file}")
    aright_embed(${target} ${symbol} "${ARIGHT_CONSOLE_BUILT}/${file}")
  endforeach()
  add_dependencies(${target} console)
endfunction()
