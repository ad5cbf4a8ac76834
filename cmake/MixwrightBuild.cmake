# How this tree is compiled: language, warnings, sanitizers, folders, ccache, precompiled header.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release, Debug or Sanitize" FORCE)
endif()

# -O2, not CMake's -O3: LibTorch's kernels do the work, and the build is faster.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g")
set(CMAKE_CXX_FLAGS_SANITIZE "-O1 -g1 -fno-omit-frame-pointer")

# -fPIC for programs too (CMake would give them -fPIE): a precompiled header is rejected where the
# two differ.
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)
add_compile_options(-fPIC)

set(MIXWRIGHT_WARNINGS -Wall -Wextra -Wpedantic -Wshadow)
if(MIXWRIGHT_WERROR)
  list(APPEND MIXWRIGHT_WARNINGS -Werror)
endif()
add_compile_options(${MIXWRIGHT_WARNINGS})
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 sees uninitialised and dangling memory inside std::optional and std::variant of its own
  # library at -O2, and a lambda folded over an empty pack as set but not used; clang and the
  # sanitizers guard the same ground without the false alarms.
  add_compile_options(-Wno-maybe-uninitialized -Wno-dangling-pointer -Wno-stringop-overflow
                      -Wno-array-bounds -Wno-restrict -Wno-unused-but-set-variable)
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # The linker of the compiler's own version lies beside it; 0.1 s against 1 s per library.
  add_link_options(-fuse-ld=lld)
  add_compile_options(-fcolor-diagnostics)
endif()

if(MIXWRIGHT_SANITIZE)
  add_compile_options(-fsanitize=${MIXWRIGHT_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${MIXWRIGHT_SANITIZE})
endif()

# The build tree has the shape of the installed one, so the program finds its plugins in both.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
# So both get the same run path. (CMake pads a build-only one with an empty entry, which the loader
# reads as the current folder.)
set(CMAKE_BUILD_WITH_INSTALL_RPATH ON)
set(CMAKE_INSTALL_LIBDIR lib)  # not lib/<triplet>: the tree is the same under every prefix
include(GNUInstallDirs)
# Where the installed tree has its own LibTorch; every run path is relative and ends there.
set(MIXWRIGHT_LIBTORCH_DIR "${CMAKE_INSTALL_LIBDIR}/mixwright/libtorch")

if(MIXWRIGHT_CCACHE)
  find_program(MIXWRIGHT_CCACHE_PROGRAM ccache)
  if(MIXWRIGHT_CCACHE_PROGRAM)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${PROJECT_SOURCE_DIR}/cmake/ccache.sh"
                                    "${MIXWRIGHT_CCACHE_PROGRAM}")
  endif()
endif()

# LibTorch in the build tree's place for it, a link, and with the installed tree, the files.
function(mixwright_install_libtorch)
  file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/lib/mixwright")
  file(CREATE_LINK "${LibTorch_ROOT_DIR}" "${PROJECT_BINARY_DIR}/${MIXWRIGHT_LIBTORCH_DIR}" SYMBOLIC)
  set(gomp "")
  if(TARGET LibTorch::gomp)
    get_target_property(gomp LibTorch::gomp IMPORTED_LOCATION)
  endif()
  install(CODE "
    set(LibTorch_ROOT_DIR \"${LibTorch_ROOT_DIR}\")
    set(libtorch_gomp \"${gomp}\")
    set(libtorch_folder \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${MIXWRIGHT_LIBTORCH_DIR}\")
    include(\"${PROJECT_SOURCE_DIR}/cmake/InstallLibTorch.cmake\")")
endfunction()

# One precompiled header, owned by one target. Only clang gains from it: g++ writes 716 MB and saves
# little.
function(mixwright_add_pch)
  if(NOT MIXWRIGHT_PCH OR NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    return()
  endif()
  # Without a time stamp in it the header is the same each time, so that ccache can serve it.
  add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
  add_library(mixwright_pch OBJECT "${PROJECT_SOURCE_DIR}/cmake/pch.cpp")
  target_link_libraries(mixwright_pch PRIVATE LibTorch::LibTorch)
  target_precompile_headers(mixwright_pch PRIVATE "${PROJECT_SOURCE_DIR}/cmake/pch.h")
  # See cmake/ccache.sh.
  file(WRITE "${PROJECT_BINARY_DIR}/CMakeFiles/mixwright_pch.dir/cmake_pch.hxx.pch.sum"
       "its headers are in the dependency file\n")
endfunction()

# Gives a target of this tree the shared precompiled header and the flags of its kernel files.
function(mixwright_prepare target)
  set_target_properties(${target} PROPERTIES DEFINE_SYMBOL "")
  if(TARGET mixwright_pch)
    target_precompile_headers(${target} REUSE_FROM mixwright_pch)
  endif()
  mixwright_kernel_files(${target})
endfunction()

# What would have been inlined and stands in no library; for what follows.
add_library(mixwright_allocator OBJECT "${PROJECT_SOURCE_DIR}/cmake/allocator.cpp")

# For what runs once for a command or a test and not for each batch: compiling takes half the time
# without optimisation. -O1 stays, for the precompiled header was made with __OPTIMIZE__ defined.
function(mixwright_unoptimised target)
  if(NOT CMAKE_BUILD_TYPE STREQUAL "Release")
    return()
  endif()
  target_compile_options(${target} PRIVATE -O1)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    target_compile_options(
      # Joined, for clang-tidy takes a word that begins with -o for the output and drops it.
      ${target} PRIVATE "SHELL:-Xclang -disable-llvm-passes" -mllvm=-fast-isel -mllvm=-regalloc=fast
                        -mllvm=-optimize-regalloc=false)
  endif()
endfunction()
