# plash-app, the runtime of one executable file: for this machine, and for others that there is a
# compiler for. Each is a project of its own (CMakeLists.txt here), since it has its own compiler.
# Sets PLASH_RUNTIMES, the files.
include(ExternalProject)

# Sets the variable to whether a compiler can make a program that needs no other file.
function(plash_makes_static variable compiler)
  set(program "${CMAKE_CURRENT_BINARY_DIR}/static")
  file(WRITE "${program}.c" "int main(void) { return 0; }\n")
  execute_process(COMMAND "${compiler}" -static -pthread -o "${program}.out" "${program}.c"
    RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
  if(failed)
    set(${variable} OFF PARENT_SCOPE)
  else()
    set(${variable} ON PARENT_SCOPE)
  endif()
endfunction()

set(PLASH_RUNTIMES)
function(plash_runtime name compiler)
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
if(PLASH_SANITIZE)
  plash_runtime(plash-app "${CMAKE_C_COMPILER}")
else()
  set(built OFF)
  foreach(compiler ${PLASH_MUSL_GCC} "${CMAKE_C_COMPILER}")
    if(compiler AND NOT built)
      plash_makes_static(built "${compiler}")
      if(built)
        plash_runtime(plash-app "${compiler}")
      endif()
    endif()
  endforeach()
  if(NOT built)
    message(WARNING "plash-app is not built, since ${CMAKE_C_COMPILER} has no static libc. "
      "`plash push:app` needs it; all else works. Install libc6-dev or musl-tools (Debian, "
      "Ubuntu), glibc-static (Fedora), or musl-dev (Alpine), and build again.")
  endif()
  foreach(machine x86_64 aarch64)
    find_program(PLASH_CC_${machine} NAMES ${machine}-linux-musl-gcc ${machine}-linux-gnu-gcc)
    if(PLASH_CC_${machine} AND NOT machine STREQUAL CMAKE_SYSTEM_PROCESSOR)
      plash_makes_static(built "${PLASH_CC_${machine}}")
      if(built)
        plash_runtime(plash-app-${machine} "${PLASH_CC_${machine}}")
      else()
        message(STATUS "No plash-app for ${machine}: ${PLASH_CC_${machine}} has no static libc")
      endif()
    endif()
  endforeach()
endif()
