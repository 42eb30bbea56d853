# AWS's published service models: fetched from npm as tools/modelc/package-lock.json pins them, compiled by modelc.
#
# aright_models(TARGET) embeds the compiled form into TARGET as the symbol `models` (base/embedded.h), and beside it, as
# `constraints`, what some services ask of an input beyond its shape, which botocore's models say.

find_program(PYTHON3 NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)

set(ARIGHT_MODELC "${CMAKE_SOURCE_DIR}/tools/modelc")
set(ARIGHT_MODELC_NPM "${CMAKE_SOURCE_DIR}/build/npm/modelc")  # shared by all build trees

# The services that aright answers itself.
set(ARIGHT_CONSTRAINED cloudformation config events guardduty lambda scheduler securityhub ssm sts)

function(aright_models target)
  set(compiled "${CMAKE_CURRENT_BINARY_DIR}/models.bin")
  file(GLOB compiler CONFIGURE_DEPENDS "${ARIGHT_MODELC}/*.py")
  list(FILTER compiler EXCLUDE REGEX "(_test|/constraints)\\.py$")

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

  set(asked "${CMAKE_CURRENT_BINARY_DIR}/constraints.json")
  add_custom_command(OUTPUT "${asked}"
    COMMAND "${PYTHON3}" -B "${ARIGHT_MODELC}/constraints.py"
            "${ARIGHT_MODELC_NPM}/node_modules/aws-sdk/clients" "${asked}" ${ARIGHT_CONSTRAINED}
    DEPENDS "${compiled}" "${ARIGHT_MODELC}/constraints.py" "${ARIGHT_MODELC}/names.py"
    COMMENT "Reading what services ask of an input" VERBATIM)
  aright_embed(${target} constraints "${asked}")
  target_link_libraries(${target} PRIVATE PkgConfig::PCRE2)
  add_test(NAME constraints COMMAND "${PYTHON3}" -B "${ARIGHT_MODELC}/constraints_test.py")
  add_test(NAME modelc COMMAND "${PYTHON3}" -B "${ARIGHT_MODELC}/modelc_test.py")
endfunction()
