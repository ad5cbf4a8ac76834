# Run by `cmake --install`: LibTorch's libraries and headers become part of the installed tree, as
# hard links where the file system allows, else as copies. Not those of Python, of LibTorch's tests,
# and of NVIDIA's packages, which a CUDA build of LibTorch finds by itself.
#
# In: LibTorch_ROOT_DIR, libtorch_gomp (the OpenMP runtime that LibTorch brings), libtorch_folder.

file(GLOB_RECURSE libtorch_headers RELATIVE "${LibTorch_ROOT_DIR}" LIST_DIRECTORIES false
     "${LibTorch_ROOT_DIR}/include/*")
file(GLOB libtorch_libraries RELATIVE "${LibTorch_ROOT_DIR}" LIST_DIRECTORIES false
     "${LibTorch_ROOT_DIR}/lib/*.so*")
list(FILTER libtorch_libraries EXCLUDE REGEX "_python|test|backend_with_compiler|aoti_custom|shm")

set(libtorch_made "")
foreach(file IN LISTS libtorch_headers libtorch_libraries)
  get_filename_component(folder "${libtorch_folder}/${file}" DIRECTORY)
  if(NOT folder STREQUAL libtorch_made)
    file(MAKE_DIRECTORY "${folder}")
    set(libtorch_made "${folder}")
  endif()
  file(REAL_PATH "${LibTorch_ROOT_DIR}/${file}" source)
  file(CREATE_LINK "${source}" "${libtorch_folder}/${file}" COPY_ON_ERROR)
endforeach()
if(libtorch_gomp)
  get_filename_component(name "${libtorch_gomp}" NAME)
  if(NOT EXISTS "${libtorch_folder}/lib/${name}")
    file(CREATE_LINK "${libtorch_gomp}" "${libtorch_folder}/lib/${name}" COPY_ON_ERROR)
  endif()
endif()
message(STATUS "Installed LibTorch: ${libtorch_folder}")
