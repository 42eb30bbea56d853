# Run as a script: installs what PACKAGE/package-lock.json pins into INTO/node_modules, and only when the lock file is
# not the one that INTO was made from. INTO is shared by all build trees; the first to come installs, the others wait.
# No package's own scripts are run.
set(lock_wait_s 300)

file(MAKE_DIRECTORY "${INTO}")
file(LOCK "${INTO}" DIRECTORY GUARD PROCESS TIMEOUT ${lock_wait_s})

file(SHA256 "${PACKAGE}/package-lock.json" wanted)
set(have "")
if(EXISTS "${INTO}/installed")
  file(READ "${INTO}/installed" have)
endif()
if(have STREQUAL wanted)
  return()
endif()

file(REMOVE "${INTO}/installed")
file(COPY "${PACKAGE}/package.json" "${PACKAGE}/package-lock.json" DESTINATION "${INTO}")
execute_process(COMMAND npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
  WORKING_DIRECTORY "${INTO}" RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "npm ci failed in ${INTO}")
endif()
file(WRITE "${INTO}/installed" "${wanted}")
