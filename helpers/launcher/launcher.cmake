# What starts the programs of images, with no libc, for the machines it knows (process/launch.c).
include(CheckCSourceCompiles)
check_c_source_compiles("
  #if !defined __x86_64__ && !defined __aarch64__ && !(defined __riscv && __riscv_xlen == 64)
  #error another machine
  #endif
  int main(void) { return 0; }" PLASH_KNOWS_MACHINE)

# Build it, and put it into the program `target`. `helpers` is the directory of the sources.
function(plash_launcher_in target helpers)
  if(NOT PLASH_KNOWS_MACHINE)
    return()
  endif()
  add_executable(launcher "${helpers}/launcher/launcher.c")
  target_compile_options(launcher PRIVATE -Os -ffreestanding -fno-builtin -fno-stack-protector
    -fno-pie -fno-lto -fno-sanitize=all -fno-asynchronous-unwind-tables)
  target_link_options(launcher PRIVATE -static -nostdlib -no-pie -s -Wl,--build-id=none
    -Wl,-z,noseparate-code,-z,noexecstack)
  set(launcher "${CMAKE_CURRENT_BINARY_DIR}/launcher")
  set_target_properties(launcher PROPERTIES RUNTIME_OUTPUT_DIRECTORY
    "${CMAKE_CURRENT_BINARY_DIR}/$<0:>") # of any configuration
  target_compile_definitions(${target} PRIVATE PLASH_LAUNCHER="${launcher}")
  add_dependencies(${target} launcher)
  set_source_files_properties("${helpers}/process/launch.c" PROPERTIES
    OBJECT_DEPENDS "${launcher}")
endfunction()
