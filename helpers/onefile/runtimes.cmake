# plash-app, the runtime of one executable file: for this machine, and for others that there is a
# compiler for. Each is a project of its own (CMakeLists.txt here), since it has its own compiler.
# Sets PLASH_RUNTIMES, the files.
include(ExternalProject)

set(PLASH_RUNTIMES)
function(plash_runtime name compiler)
  set(static)
  if(NOT PLASH_SANITIZE)
    file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/static.c" "int main(void) { return 0; }\n")
    execute_process(COMMAND "${compiler}" -static -pthread -o "${CMAKE_CURRENT_BINARY_DIR}/static.out"
      "${CMAKE_CURRENT_BINARY_DIR}/static.c" RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
    if(failed)
      message(WARNING "${name} is not built, since ${compiler} has no static libc. `plash push:app` "
        "needs it; all else works. Install libc6-dev or musl-tools (Debian, Ubuntu), "
        "glibc-static (Fedora), or musl-dev (Alpine), and build again.")
      return()
    endif()
  endif()
  # Not ${name}: Ninja has no target of the name of a file that another makes.
  ExternalProject_Add(build-${name}
    SOURCE_DIR "${CMAKE_CURRENT_SOURCE_DIR}/onefile"
    PREFIX "${CMAKE_CURRENT_BINARY_DIR}/onefile/${name}"
    BINARY_DIR "${CMAKE_CURRENT_BINARY_DIR}/onefile/${name}/build"
    CMAKE_ARGS
      "-DCMAKE_C_COMPILER=${compiler}"
      "-DPLASH_RUNTIME=${CMAKE_CURRENT_BINARY_DIR}/${name}"
      "-DPLASH_VERSION=${SKBUILD_PROJECT_VERSION}"
      "-DPLASH_WERROR=${PLASH_WERROR}"
      "-DPLASH_SANITIZE=${PLASH_SANITIZE}"
    BUILD_ALWAYS ON
    BUILD_BYPRODUCTS "${CMAKE_CURRENT_BINARY_DIR}/${name}"
    INSTALL_COMMAND "")
  set(PLASH_RUNTIMES ${PLASH_RUNTIMES} "${CMAKE_CURRENT_BINARY_DIR}/${name}" PARENT_SCOPE)
endfunction()

# With musl the runtime is a sixth as large.
find_program(PLASH_MUSL_GCC musl-gcc)
if(PLASH_MUSL_GCC AND NOT PLASH_SANITIZE)
  plash_runtime(plash-app "${PLASH_MUSL_GCC}")
else()
  plash_runtime(plash-app "${CMAKE_C_COMPILER}")
endif()
foreach(machine x86_64 aarch64)
  find_program(PLASH_CC_${machine} NAMES ${machine}-linux-musl-gcc ${machine}-linux-gnu-gcc)
  if(PLASH_CC_${machine} AND NOT machine STREQUAL CMAKE_SYSTEM_PROCESSOR AND NOT PLASH_SANITIZE)
    plash_runtime(plash-app-${machine} "${PLASH_CC_${machine}}")
  endif()
endforeach()
