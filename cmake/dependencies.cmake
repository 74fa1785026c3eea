# Static libraries where Debian has them: a packed handler then needs few shared objects (docs/development/dependencies.md).
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(spdlog 1.10 REQUIRED)
find_package(CLI11 2.1 REQUIRED)

# osbot_static(NAME header.h [other libraries...]): an imported target for Debian's lib<NAME>.a
function(osbot_static name header)
    find_library(OSBOT_LIB_${name} NAMES lib${name}.a REQUIRED)
    find_path(OSBOT_INCLUDE_${name} NAMES ${header} REQUIRED)
    add_library(osbot_lib_${name} INTERFACE IMPORTED GLOBAL)
    set_target_properties(osbot_lib_${name} PROPERTIES
        INTERFACE_LINK_LIBRARIES "${OSBOT_LIB_${name}};${ARGN}"
        INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${OSBOT_INCLUDE_${name}})
endfunction()

osbot_static(z zlib.h)
osbot_static(minizip minizip/unzip.h osbot_lib_z)
osbot_static(deflate libdeflate.h)
osbot_static(crypto openssl/sha.h Threads::Threads ${CMAKE_DL_LIBS})
osbot_static(sqlite3 sqlite3.h Threads::Threads ${CMAKE_DL_LIBS} m)
if(OSBOT_PYTHON) # Debian's libsqlite3.a is not position-independent; programs can have it, a module of Python cannot
    find_library(OSBOT_LIB_sqlite3_shared NAMES libsqlite3.so REQUIRED)
    set(for_module $<STREQUAL:$<TARGET_PROPERTY:TYPE>,MODULE_LIBRARY>)
    set_target_properties(osbot_lib_sqlite3 PROPERTIES INTERFACE_LINK_LIBRARIES
        "$<IF:${for_module},${OSBOT_LIB_sqlite3_shared},${OSBOT_LIB_sqlite3}>;Threads::Threads;${CMAKE_DL_LIBS};m")
endif()
osbot_static(pugixml pugixml.hpp)
osbot_static(seccomp seccomp.h)
osbot_static(zstd zstd.h)
osbot_static(archive archive.h osbot_lib_z osbot_lib_zstd) # only the parts that read tar, gzip and zstd are linked

if(OSBOT_TESTS OR OSBOT_BENCHMARKS OR (PROJECT_IS_TOP_LEVEL AND NOT SKBUILD))
    find_package(GTest 1.12 REQUIRED)
    find_package(benchmark 1.7 REQUIRED)
    include(GoogleTest)
endif()
