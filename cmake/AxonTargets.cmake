# One folder is one static library and one mirrored folder of tests.

add_library(axon_options INTERFACE)
target_include_directories(axon_options INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_definitions(axon_options INTERFACE AXON_VERSION="${PROJECT_VERSION}")
target_compile_options(axon_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
  -Woverloaded-virtual -Wcast-align -Werror
  # GCC 12 warns of `"a" + std::string()` itself (bug 105651); clang does not know the name.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  -fno-omit-frame-pointer
  -fstack-protector-strong -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
target_link_libraries(axon_options INTERFACE Threads::Threads)
if(AXON_SANITIZE)
  target_compile_options(axon_options INTERFACE -fsanitize=${AXON_SANITIZE} -fno-sanitize-recover=all -O1 -g1
    # With the sanitizers' code in between, g++ 12 sees uninitialised members of any std::optional.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(axon_options INTERFACE -fsanitize=${AXON_SANITIZE})
endif()
if(AXON_BUILD_FUZZERS)
  target_compile_options(axon_options INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(axon_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# axon_library(core/content FLOORS core/base LIBRARIES PkgConfig::zstd)
#   FLOORS     the folders that this one may include from; cmake/floors_test.py holds the includes to it
#   LIBRARIES  outside libraries, private to the folder
function(axon_library folder)
  cmake_parse_arguments(ARG "" "" "FLOORS;LIBRARIES" ${ARGN})
  string(REPLACE "/" "_" name "${folder}")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/${folder}/*.cc")
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/${folder}/*.h")
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")  # a program's, never the library's: tests bring their own main
  if(NOT sources)
    add_library(axon_${name} INTERFACE)
    set(visibility INTERFACE)
  else()
    add_library(axon_${name} STATIC ${sources} ${headers})
    set(visibility PUBLIC)
    target_link_libraries(axon_${name} PRIVATE ${ARG_LIBRARIES})
  endif()
  target_link_libraries(axon_${name} ${visibility} axon_options)
  foreach(floor IN LISTS ARG_FLOORS)
    string(REPLACE "/" "_" below "${floor}")
    target_link_libraries(axon_${name} ${visibility} axon_${below})
  endforeach()
  set_property(GLOBAL APPEND PROPERTY AXON_FLOORS "${folder}=${ARG_FLOORS}")
endfunction()

# Headers of test frameworks and of JSON take longer to parse than a test itself: all programs share one parsed copy.
# Sources include what they use all the same; the sanitized build, which has no such copy, holds them to it.
function(axon_test_headers)
  file(CONFIGURE OUTPUT axon_test_headers.cc CONTENT "")
  add_executable(axon_test_headers "${CMAKE_CURRENT_BINARY_DIR}/axon_test_headers.cc")
  target_link_libraries(axon_test_headers PRIVATE axon_options nlohmann_json::nlohmann_json fmt::fmt
                        GTest::gmock GTest::gtest_main)
  axon_test_options(axon_test_headers)
  target_precompile_headers(axon_test_headers PRIVATE <gtest/gtest.h> <gmock/gmock.h> <fmt/format.h>
    <nlohmann/json.hpp> <algorithm> <filesystem> <functional> <random> <string> <thread> <vector>)
endfunction()

# What all sources of unit tests are compiled with: little optimisation, the libraries under them have theirs; with so
# little of it g++ 12 sees overruns in its own std::string.
function(axon_test_options name)
  target_compile_definitions(${name} PRIVATE AXON_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  target_compile_options(${name} PRIVATE -O1
    "$<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds;-Wno-stringop-overflow>")
endfunction()

# axon_unit_test(core/content [LIBRARIES …]): tests/unit/core/content/**_test.cc in one program
function(axon_unit_test folder)
  cmake_parse_arguments(ARG "" "" "LIBRARIES" ${ARGN})
  string(REPLACE "/" "_" name "${folder}")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/unit/${folder}/*.cc")
  if(NOT sources)
    return()
  endif()
  add_executable(${name}_test ${sources})
  target_link_libraries(${name}_test PRIVATE axon_${name} axon_test_support ${ARG_LIBRARIES}
                        GTest::gtest GTest::gmock GTest::gtest_main)
  axon_test_options(${name}_test)
  target_precompile_headers(${name}_test REUSE_FROM axon_test_headers)
  add_test(NAME unit/${folder} COMMAND ${name}_test)
  set_tests_properties(unit/${folder} PROPERTIES LABELS unit TIMEOUT 300)
endfunction()
