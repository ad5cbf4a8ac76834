# The precompiled header that is installed with the SDK: LibTorch's headers, which cost seconds in
# every file. As a script it makes the header:
#
#   cmake -DCMAKE_CXX_COMPILER=clang++-19 -P lib/cmake/Mixwright/MixwrightPch.cmake
#
# Included, it offers mixwright_installed_pch(). A precompiled header serves one compiler, one set of
# flags and one place: it names its headers by absolute paths. The text file beside it says what it
# was made from, and where anything differs the project precompiles a header of its own.

set(MIXWRIGHT_PCH_SOURCE "${CMAKE_CURRENT_LIST_DIR}/plugin_pch.h")
get_filename_component(MIXWRIGHT_PCH_PREFIX "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
set(MIXWRIGHT_PCH_FILE "${CMAKE_CURRENT_LIST_DIR}/plugin_pch.h.pch")
# Those of a Release build of an outside project, in which all that a header is sensitive to stands.
set(MIXWRIGHT_PCH_FLAGS -std=c++20 -O3 -DNDEBUG -fPIC -fvisibility=hidden -fvisibility-inlines-hidden)

# What a header made now would be made from: compiler, flags, place, and the contents of what it
# includes (of LibTorch, which nobody edits, the version).
function(_mixwright_pch_facts compiler result)
  file(REAL_PATH "${compiler}" real)
  execute_process(COMMAND "${compiler}" --version OUTPUT_VARIABLE version ERROR_QUIET)
  string(REGEX MATCH "^[^\n]*" version "${version}")
  set(facts "compiler ${real}\nversion ${version}\nflags ${MIXWRIGHT_PCH_FLAGS}\n")
  string(APPEND facts "prefix ${MIXWRIGHT_PCH_PREFIX}\n")
  foreach(file IN ITEMS "${MIXWRIGHT_PCH_SOURCE}" "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/instantiate_torch.h"
                        "${MIXWRIGHT_PCH_PREFIX}/lib/mixwright/libtorch/include/torch/headeronly/version.h")
    if(EXISTS "${file}")
      file(SHA256 "${file}" sum)
      get_filename_component(name "${file}" NAME)
      string(APPEND facts "${name} ${sum}\n")
    endif()
  endforeach()
  set(${result} "${facts}" PARENT_SCOPE)
endfunction()

# Sets `result` to the installed header where this project can use it, else to nothing, and says why.
function(mixwright_installed_pch result)
  set(${result} "" PARENT_SCOPE)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR NOT EXISTS "${MIXWRIGHT_PCH_FILE}")
    return()
  endif()
  string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
  string(STRIP "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${type}}" flags)
  _mixwright_pch_facts("${CMAKE_CXX_COMPILER}" now)
  file(READ "${MIXWRIGHT_PCH_FILE}.txt" made)
  set(reason "")
  if(NOT flags MATCHES "^-O[23] -DNDEBUG$")
    set(reason "this build's flags are ${flags}, it was made with -O3 -DNDEBUG")
  elseif(CMAKE_CXX_STANDARD AND NOT CMAKE_CXX_STANDARD EQUAL 20)
    set(reason "this build is C++${CMAKE_CXX_STANDARD}, it was made for C++20")
  elseif(NOT now STREQUAL made)
    set(reason "compiler, place or headers are not those that it was made with (${MIXWRIGHT_PCH_FILE}.txt)")
  endif()
  if(reason)
    message(STATUS "Mixwright: the SDK's precompiled header is not used: ${reason}. This project makes its own, which takes seconds once")
    return()
  endif()
  # An edited header is seen at the next build.
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${MIXWRIGHT_PCH_SOURCE}"
                                         "${MIXWRIGHT_PCH_FILE}.txt")
  set(${result} "${MIXWRIGHT_PCH_FILE}" PARENT_SCOPE)
endfunction()

function(_mixwright_make_pch)
  set(torch "${MIXWRIGHT_PCH_PREFIX}/lib/mixwright/libtorch/include")
  message(STATUS "Precompiling the SDK's header: ${MIXWRIGHT_PCH_FILE}")
  # The facts come last: a header that was begun and not finished has none that agree.
  file(REMOVE "${MIXWRIGHT_PCH_FILE}.txt")
  execute_process(
    COMMAND
      "${CMAKE_CXX_COMPILER}" ${MIXWRIGHT_PCH_FLAGS} -w -Xclang -fno-pch-timestamp
      -fpch-instantiate-templates -isystem "${MIXWRIGHT_PCH_PREFIX}/include" -isystem "${torch}"
      -isystem "${torch}/torch/csrc/api/include" -x c++-header "${MIXWRIGHT_PCH_SOURCE}" -o
      "${MIXWRIGHT_PCH_FILE}"
    RESULT_VARIABLE status)
  if(status)
    # Only time is lost: projects make their own.
    file(REMOVE "${MIXWRIGHT_PCH_FILE}")
    message(WARNING "the SDK's header could not be precompiled with ${CMAKE_CXX_COMPILER}")
    return()
  endif()
  _mixwright_pch_facts("${CMAKE_CXX_COMPILER}" facts)
  file(WRITE "${MIXWRIGHT_PCH_FILE}.txt" "${facts}")
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  if(NOT CMAKE_CXX_COMPILER)
    message(FATAL_ERROR "say which compiler: cmake -DCMAKE_CXX_COMPILER=clang++-19 -P ${CMAKE_CURRENT_LIST_FILE}")
  endif()
  find_program(CMAKE_CXX_COMPILER "${CMAKE_CXX_COMPILER}" REQUIRED)
  _mixwright_make_pch()
endif()
