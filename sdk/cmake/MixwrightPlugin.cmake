# mixwright_add_plugin([name] [SOURCES file…] [LIBRARIES target…])
#
# Builds lib<name>.so, a plugin. Without a name it is that of the folder, without SOURCES every .cpp
# and .cu in the folder is taken, so that a copied folder builds as it is. The target is plugin_<name>.
# Serves this tree and, installed, projects of others: one function, one truth.
#
# Files *.cu are for nvcc and are compiled where LibTorch is a CUDA build and nvcc is there (on PATH, or
# named by CUDACXX); the plugin's code then finds MIXWRIGHT_CUDA defined. Elsewhere they are left out,
# which the configuration says. CMAKE_CUDA_ARCHITECTURES chooses the GPUs ("90", "80;90"); left alone it
# is all-major.

set(MIXWRIGHT_PLUGIN_MAP "${CMAKE_CURRENT_LIST_DIR}/plugin.map")
set(MIXWRIGHT_PLUGIN_PCH "${CMAKE_CURRENT_LIST_DIR}/plugin_pch.h")

# Files named *_avx2.cpp or *_avx512.cpp are leaf kernels: compiled for that instruction set alone
# and without the precompiled header. They may hold raw pointers and static functions only, and are
# called behind a check of the processor.
function(mixwright_kernel_files target)
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    if(source MATCHES "_avx2\\.cpp$")
      set(flags -mavx2 -mfma -mf16c)
    elseif(source MATCHES "_avx512\\.cpp$")
      set(flags -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx2 -mfma -mf16c)
    else()
      continue()
    endif()
    if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
      set(flags "")
    endif()
    set_source_files_properties("${source}" PROPERTIES COMPILE_OPTIONS "${flags}"
                                                       SKIP_PRECOMPILE_HEADERS ON)
  endforeach()
endfunction()

macro(mixwright_add_plugin)
  # A language can be enabled outside of functions only.
  _mixwright_plugin_arguments(_mixwright ${ARGN})
  if(_mixwright_cuda)
    if(NOT CMAKE_CUDA_ARCHITECTURES AND "$ENV{CUDAARCHS}" STREQUAL "")
      set(CMAKE_CUDA_ARCHITECTURES all-major)
    endif()
    enable_language(CUDA)
    find_package(CUDAToolkit REQUIRED)
  endif()
  _mixwright_add_plugin()
endmacro()

# Sets <out>_name, _sources, _libraries, and _cuda where some of the sources are for nvcc and it can
# have them.
function(_mixwright_plugin_arguments out)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES")
  list(LENGTH arg_UNPARSED_ARGUMENTS count)
  get_filename_component(name "${CMAKE_CURRENT_SOURCE_DIR}" NAME)
  if(count EQUAL 1)
    set(name "${arg_UNPARSED_ARGUMENTS}")
  elseif(count GREATER 1)
    message(FATAL_ERROR "mixwright_add_plugin(${arg_UNPARSED_ARGUMENTS}): one name expected; "
                        "put files behind SOURCES")
  endif()
  if(NOT arg_SOURCES)
    file(GLOB arg_SOURCES CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp"
         "${CMAKE_CURRENT_SOURCE_DIR}/*.cu")
  endif()
  set(kernels ${arg_SOURCES})
  list(FILTER kernels INCLUDE REGEX "\\.cu$")
  set(cuda FALSE)
  if(kernels)
    _mixwright_without_cuda(reason)
    if(reason)
      message(STATUS "plugin ${name}: its .cu files are left out: ${reason}")
      list(REMOVE_ITEM arg_SOURCES ${kernels})
    else()
      set(cuda TRUE)
    endif()
  endif()
  set(${out}_name "${name}" PARENT_SCOPE)
  set(${out}_sources "${arg_SOURCES}" PARENT_SCOPE)
  set(${out}_libraries "${arg_LIBRARIES}" PARENT_SCOPE)
  set(${out}_cuda ${cuda} PARENT_SCOPE)
endfunction()

# Why nothing can be compiled for a GPU, or "".
function(_mixwright_without_cuda result)
  set(${result} "" PARENT_SCOPE)
  if(TARGET mixwright_sdk)
    set(${result} "Mixwright's own tree has flags that nvcc does not take" PARENT_SCOPE)
  elseif(NOT LibTorch_CUDA)
    set(${result} "the LibTorch in ${LibTorch_ROOT_DIR} is one without CUDA" PARENT_SCOPE)
  elseif(NOT CMAKE_CUDA_COMPILER)
    include(CheckLanguage)
    check_language(CUDA)
    if(NOT CMAKE_CUDA_COMPILER)
      set(${result} "no nvcc was found; put it on PATH or name it in the environment as CUDACXX"
          PARENT_SCOPE)
    endif()
  endif()
endfunction()

# The plugin of what _mixwright_plugin_arguments has set.
function(_mixwright_add_plugin)
  set(name "${_mixwright_name}")
  if(NOT _mixwright_sources)
    message(STATUS "plugin ${name}: no .cpp file in ${CMAKE_CURRENT_SOURCE_DIR} yet, left out")
    return()
  endif()

  set(target plugin_${name})
  add_library(${target} MODULE ${_mixwright_sources})
  set_target_properties(
    ${target}
    PROPERTIES OUTPUT_NAME ${name}
               PREFIX lib
               DEFINE_SYMBOL ""
               CXX_VISIBILITY_PRESET hidden
               VISIBILITY_INLINES_HIDDEN ON
               LINK_DEPENDS "${MIXWRIGHT_PLUGIN_MAP}")
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_link_libraries(${target} PRIVATE Mixwright::sdk ${_mixwright_libraries})
  target_link_options(${target} PRIVATE "-Wl,--version-script=${MIXWRIGHT_PLUGIN_MAP}")
  if(NOT MIXWRIGHT_SANITIZE AND NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")
    target_link_options(${target} PRIVATE "-Wl,-z,defs")
  endif()

  if(TARGET mixwright_sdk)
    set_target_properties(
      ${target} PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${CMAKE_LIBRARY_OUTPUT_DIRECTORY}/mixwright/plugins"
                           INSTALL_RPATH "$ORIGIN/../..;$ORIGIN/../libtorch/lib")
    mixwright_prepare(${target})
    add_dependencies(plugins ${target})
    install(TARGETS ${target} LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/mixwright/plugins")
  else()
    _mixwright_outside_plugin(${target})
  endif()
endfunction()

# A plugin of another project.
function(_mixwright_outside_plugin target)
  mixwright_kernel_files(${target})
  if(_mixwright_cuda)
    # The run time that LibTorch has loaded already, not one of the plugin's own. -std as an option, for
    # CMake 3.25 thinks that nvcc ends at C++17.
    set_target_properties(${target} PROPERTIES CUDA_VISIBILITY_PRESET hidden CUDA_RUNTIME_LIBRARY None)
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CUDA>:-std=c++20>)
    target_link_libraries(${target} PRIVATE CUDA::cudart)
    target_compile_definitions(${target} PRIVATE MIXWRIGHT_CUDA=1)
  endif()
  _mixwright_outside_target(${target})
  install(TARGETS ${target} LIBRARY DESTINATION lib/mixwright/plugins)
  # What `mixwright dev` builds, and where it finds what was built.
  if(NOT TARGET mixwright_plugins)
    add_custom_target(mixwright_plugins)
    file(GENERATE OUTPUT "${CMAKE_BINARY_DIR}/mixwright_plugins.txt"
         CONTENT "$<JOIN:$<TARGET_GENEX_EVAL:mixwright_plugins,$<TARGET_PROPERTY:mixwright_plugins,MIXWRIGHT_LIBRARIES>>,\n>\n")
  endif()
  add_dependencies(mixwright_plugins ${target})
  set_property(TARGET mixwright_plugins APPEND PROPERTY MIXWRIGHT_LIBRARIES "$<TARGET_FILE:${target}>")
endfunction()

# What another project compiles: the flags that the precompiled header needs, and that header: the
# installed one, or one of this project for all that it compiles.
function(_mixwright_outside_target target)
  # Found wherever it is copied to. (Left alone, CMake pads the run path with an empty entry, which
  # the loader reads as the current folder.)
  set_target_properties(
    ${target} PROPERTIES BUILD_WITH_INSTALL_RPATH ON
                         INSTALL_RPATH "${MIXWRIGHT_LIBRARY_DIR};${LibTorch_LIBRARY_DIR}")
  _mixwright_outside_flags(${target})
  get_property(known GLOBAL PROPERTY MIXWRIGHT_INSTALLED_PCH SET)
  if(NOT known)
    mixwright_installed_pch(pch)
    set_property(GLOBAL PROPERTY MIXWRIGHT_INSTALLED_PCH "${pch}")
  endif()
  get_property(pch GLOBAL PROPERTY MIXWRIGHT_INSTALLED_PCH)
  if(pch)
    # Kernel files do without it: see mixwright_kernel_files.
    get_target_property(sources ${target} SOURCES)
    list(FILTER sources EXCLUDE REGEX "_avx(2|512)\\.cpp$|\\.cu$|TARGET_OBJECTS")
    set_property(SOURCE ${sources} APPEND PROPERTY COMPILE_OPTIONS -include-pch "${pch}")
  elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    if(NOT TARGET mixwright_plugin_pch)
      file(WRITE "${CMAKE_BINARY_DIR}/mixwright_plugin_pch.cpp" "")
      add_library(mixwright_plugin_pch OBJECT "${CMAKE_BINARY_DIR}/mixwright_plugin_pch.cpp")
      _mixwright_outside_flags(mixwright_plugin_pch)
      target_link_libraries(mixwright_plugin_pch PRIVATE Mixwright::sdk)
      target_precompile_headers(mixwright_plugin_pch PRIVATE "${MIXWRIGHT_PLUGIN_PCH}")
    endif()
    target_precompile_headers(${target} REUSE_FROM mixwright_plugin_pch)
  endif()
endfunction()

function(_mixwright_outside_flags target)
  # -fPIC for programs too (CMake would give them -fPIE): the header is rejected where they differ.
  set_target_properties(
    ${target}
    PROPERTIES POSITION_INDEPENDENT_CODE OFF
               CXX_EXTENSIONS OFF
               CXX_VISIBILITY_PRESET hidden
               VISIBILITY_INLINES_HIDDEN ON)
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=>-fPIC)
endfunction()

# mixwright_add_plugin_tests([name] [SOURCES file…])
#
# Tests of the plugin that mixwright_add_plugin built, for ctest: <name>.conformance puts the library
# through `mixwright plugins check`; <name>.tests is a program made of the plugin's own objects and
# SOURCES (every .cpp in the folder's tests/ if left out), whose main() gives 0 where all is well.
# Inside Mixwright's own tree its tests do both.
macro(mixwright_add_plugin_tests)
  if(NOT TARGET mixwright_sdk)
    enable_testing()  # would be forgotten at the end of a function
    _mixwright_add_plugin_tests(${ARGN})
  endif()
endmacro()

function(_mixwright_add_plugin_tests)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "" "SOURCES")
  get_filename_component(name "${CMAKE_CURRENT_SOURCE_DIR}" NAME)
  if(arg_UNPARSED_ARGUMENTS)
    set(name "${arg_UNPARSED_ARGUMENTS}")
  endif()
  set(target plugin_${name})
  if(NOT TARGET ${target})
    return()
  endif()
  add_test(NAME ${name}.conformance COMMAND "${MIXWRIGHT_PROGRAM}" plugins check
                                            "$<TARGET_FILE:${target}>")
  if(NOT arg_SOURCES)
    file(GLOB arg_SOURCES CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/tests/*.cpp")
  endif()
  if(NOT arg_SOURCES)
    return()
  endif()
  add_executable(${name}_tests ${arg_SOURCES} $<TARGET_OBJECTS:${target}>)
  _mixwright_outside_target(${name}_tests)
  target_link_libraries(${name}_tests PRIVATE $<TARGET_PROPERTY:${target},LINK_LIBRARIES>)
  # MIXWRIGHT_CUDA, where it is defined.
  target_compile_definitions(${name}_tests PRIVATE $<TARGET_PROPERTY:${target},COMPILE_DEFINITIONS>)
  if(TARGET CUDA::cudart)
    set_property(TARGET ${name}_tests APPEND PROPERTY INSTALL_RPATH $<TARGET_FILE_DIR:CUDA::cudart>)
  endif()
  target_include_directories(${name}_tests PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
  add_test(NAME ${name}.tests COMMAND ${name}_tests)
endfunction()
