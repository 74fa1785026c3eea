find_package(Boost 1.81 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(spdlog 1.10 REQUIRED)
if(OSBOT_COMMAND)
    find_package(CLI11 2.1 REQUIRED)
    # Only the header: the CMake package of Debian links a shared library.
    find_path(OSBOT_INCLUDE_tomlplusplus NAMES toml++/toml.h REQUIRED)
endif()

include(static_libraries)
if(OSBOT_MISSING)
    list(JOIN OSBOT_MISSING ", " missing)
    message(FATAL_ERROR "missing: ${missing}")
endif()

# The headers of the static libraries; only the build needs them.
function(osbot_headers name header)
    find_path(OSBOT_INCLUDE_${name} NAMES ${header} REQUIRED)
    set_property(TARGET osbot_lib_${name} PROPERTY INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${OSBOT_INCLUDE_${name}})
endfunction()
osbot_headers(z zlib.h)
osbot_headers(minizip minizip/unzip.h)
osbot_headers(deflate libdeflate.h)
osbot_headers(crypto openssl/sha.h)
osbot_headers(sqlite3 sqlite3.h)
osbot_headers(pugixml pugixml.hpp)
osbot_headers(seccomp seccomp.h)
osbot_headers(zstd zstd.h)
osbot_headers(archive archive.h)

if(OSBOT_PYTHON) # Debian's libsqlite3.a is not position-independent: programs can link it, a Python module cannot
    find_library(OSBOT_LIB_sqlite3_shared NAMES libsqlite3.so REQUIRED)
    set(for_module $<STREQUAL:$<TARGET_PROPERTY:TYPE>,MODULE_LIBRARY>)
    set_target_properties(osbot_lib_sqlite3 PROPERTIES INTERFACE_LINK_LIBRARIES
        "$<IF:${for_module},${OSBOT_LIB_sqlite3_shared},${OSBOT_LIB_sqlite3}>;Threads::Threads;${CMAKE_DL_LIBS};m")
endif()

if(OSBOT_TESTS OR OSBOT_BENCHMARKS)
    find_package(GTest 1.12 REQUIRED)
    find_package(benchmark 1.7 REQUIRED)
    include(GoogleTest)
elseif(NOT SKBUILD) # osbot_aws::gtest_main is installed if GoogleTest is available
    find_package(GTest 1.12 QUIET)
endif()
