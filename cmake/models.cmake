# AWS's published service models: fetched from npm as tools/modelc/package-lock.json pins them, compiled by modelc.
#
# aright_models(TARGET) embeds the compiled form into TARGET as the symbol `models` (base/embedded.h).

find_program(PYTHON3 NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)

set(ARIGHT_MODELC "${CMAKE_SOURCE_DIR}/tools/modelc")
set(ARIGHT_MODELC_NPM "${CMAKE_SOURCE_DIR}/build/npm/modelc")  # shared by all build trees

function(aright_models target)
  set(compiled "${CMAKE_CURRENT_BINARY_DIR}/models.bin")
  file(GLOB compiler CONFIGURE_DEPENDS "${ARIGHT_MODELC}/*.py")
  list(FILTER compiler EXCLUDE REGEX "_test\\.py$")

  # Fetching and compiling are one step: the first is quick when all is there, and the second cannot do without it.
  add_custom_command(OUTPUT "${compiled}"
    COMMAND "${CMAKE_COMMAND}" -E env npm_config_fetch_retries=5
            "${CMAKE_COMMAND}" "-DPACKAGE=${ARIGHT_MODELC}" "-DINTO=${ARIGHT_MODELC_NPM}"
            -P "${CMAKE_SOURCE_DIR}/cmake/npm_ci.cmake"
    COMMAND "${PYTHON3}" -B "${ARIGHT_MODELC}/modelc.py"
            "${ARIGHT_MODELC_NPM}/node_modules/aws-sdk/apis" "${compiled}"
    DEPENDS "${ARIGHT_MODELC}/package-lock.json" "${CMAKE_SOURCE_DIR}/cmake/npm_ci.cmake" ${compiler}
    COMMENT "Compiling the service models" VERBATIM)
  aright_embed(${target} models "${compiled}")
  add_test(NAME modelc COMMAND "${PYTHON3}" -B "${ARIGHT_MODELC}/modelc_test.py")
endfunction()
