# Finds LibTorch by its files. The CMake package inside the pip wheel is not used: with a CUDA wheel
# it demands a CUDA toolkit that nobody needs for linking.
#
# Looks in, first hit wins: TORCH_ROOT (variable or environment), CMAKE_PREFIX_PATH, the project's
# .venv, an active VIRTUAL_ENV. Each may name the torch folder itself, a LibTorch download, or a
# prefix that holds either.
#
# Result: LibTorch_FOUND, LibTorch_VERSION, LibTorch_ROOT_DIR, LibTorch_LIBRARY_DIR, LibTorch_CUDA,
# and the targets
#   LibTorch::c10  LibTorch::torch_cpu     always
#   LibTorch::torch  LibTorch::torch_cuda  where the files are there
#   LibTorch::gomp                         the OpenMP runtime that LibTorch itself brings
#   LibTorch::LibTorch                     what to link: CPU, and CUDA kept although nothing names it

set(_libtorch_roots)
foreach(_prefix IN ITEMS "${TORCH_ROOT}" "$ENV{TORCH_ROOT}" LISTS CMAKE_PREFIX_PATH ITEMS
                         "${CMAKE_CURRENT_LIST_DIR}/../.venv" "${CMAKE_SOURCE_DIR}/.venv"
                         "$ENV{VIRTUAL_ENV}")
  if(_prefix)
    file(GLOB _in_python LIST_DIRECTORIES true
         "${_prefix}/lib/python3*/site-packages/torch" "${_prefix}/lib/python3*/dist-packages/torch")
    list(APPEND _libtorch_roots "${_prefix}" "${_prefix}/torch" "${_prefix}/libtorch" ${_in_python})
  endif()
endforeach()

# An explicit TORCH_ROOT that holds nothing must not be replaced in silence by another LibTorch.
if(TORCH_ROOT)
  file(GLOB _in_python LIST_DIRECTORIES true "${TORCH_ROOT}/lib/python3*/*-packages/torch")
  set(_libtorch_roots "${TORCH_ROOT}" "${TORCH_ROOT}/torch" "${TORCH_ROOT}/libtorch" ${_in_python})
endif()

unset(LibTorch_ROOT_DIR)
foreach(_root IN LISTS _libtorch_roots)
  if(EXISTS "${_root}/include/torch/csrc/api/include/torch/torch.h"
     AND EXISTS "${_root}/lib/libtorch_cpu.so")
    get_filename_component(LibTorch_ROOT_DIR "${_root}" ABSOLUTE)
    break()
  endif()
endforeach()

if(LibTorch_ROOT_DIR)
  set(LibTorch_LIBRARY_DIR "${LibTorch_ROOT_DIR}/lib")
  set(LibTorch_INCLUDE_DIRS "${LibTorch_ROOT_DIR}/include"
                            "${LibTorch_ROOT_DIR}/include/torch/csrc/api/include")
  foreach(_header IN ITEMS torch/headeronly/version.h torch/csrc/api/include/torch/version.h)
    if(NOT LibTorch_VERSION AND EXISTS "${LibTorch_ROOT_DIR}/include/${_header}")
      file(STRINGS "${LibTorch_ROOT_DIR}/include/${_header}" _version_lines
           REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) +[0-9]+")
      string(REGEX MATCHALL "[0-9]+" _version_numbers "${_version_lines}")
      list(JOIN _version_numbers "." LibTorch_VERSION)
    endif()
  endforeach()
  if(EXISTS "${LibTorch_LIBRARY_DIR}/libtorch_cuda.so")
    set(LibTorch_CUDA TRUE)
  else()
    set(LibTorch_CUDA FALSE)
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  LibTorch
  REQUIRED_VARS LibTorch_ROOT_DIR LibTorch_LIBRARY_DIR
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE
    "looked for include/torch/csrc/api/include/torch/torch.h and lib/libtorch_cpu.so: run scripts/setup.sh or give a LibTorch with -DTORCH_ROOT=<folder>")

function(_libtorch_import name file)
  if(NOT TARGET LibTorch::${name} AND EXISTS "${file}")
    add_library(LibTorch::${name} SHARED IMPORTED)
    set_target_properties(LibTorch::${name} PROPERTIES IMPORTED_LOCATION "${file}"
                                                       INTERFACE_LINK_LIBRARIES "${ARGN}")
    target_include_directories(LibTorch::${name} SYSTEM INTERFACE ${LibTorch_INCLUDE_DIRS})
  endif()
endfunction()

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  _libtorch_import(c10 "${LibTorch_LIBRARY_DIR}/libc10.so")
  _libtorch_import(torch_cpu "${LibTorch_LIBRARY_DIR}/libtorch_cpu.so" LibTorch::c10)
  _libtorch_import(torch "${LibTorch_LIBRARY_DIR}/libtorch.so" LibTorch::torch_cpu)
  _libtorch_import(c10_cuda "${LibTorch_LIBRARY_DIR}/libc10_cuda.so" LibTorch::c10)
  _libtorch_import(torch_cuda "${LibTorch_LIBRARY_DIR}/libtorch_cuda.so" LibTorch::torch_cpu)
  file(GLOB _gomp "${LibTorch_LIBRARY_DIR}/libgomp*.so*"
       "${LibTorch_ROOT_DIR}/../torch.libs/libgomp*.so*")
  if(_gomp)
    list(GET _gomp 0 _gomp)
    _libtorch_import(gomp "${_gomp}")
  endif()

  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  target_link_libraries(LibTorch::LibTorch INTERFACE LibTorch::torch_cpu LibTorch::c10)
  if(LibTorch_CUDA)
    # Its operators register themselves when it is loaded; no symbol of ours asks for it.
    target_link_libraries(
      LibTorch::LibTorch
      INTERFACE "-Wl,--push-state,--no-as-needed" LibTorch::torch_cuda LibTorch::c10_cuda
                "-Wl,--pop-state")
    target_link_options(LibTorch::LibTorch INTERFACE "-Wl,--allow-shlib-undefined")
  endif()
endif()
