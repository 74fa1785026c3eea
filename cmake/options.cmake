# All flags are in one INTERFACE target, so that components and tests cannot differ by accident.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON) # programs and the Python module link the same libraries

set(OSBOT_SANITIZE "" CACHE STRING "Comma separated list for -fsanitize=, e.g. address,undefined")
option(OSBOT_WERROR "Treat warnings as errors; off by default, because each new compiler adds warnings" OFF)
option(OSBOT_UNITY "Compile sources of a component together, which is faster (cmake/components.cmake)" ON)
option(OSBOT_COVERAGE "Instrument for gcov" OFF)

# ccache uses paths relative to this tree, so that clones of one commit share objects.
find_program(OSBOT_CCACHE ccache)
if(OSBOT_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # ccache requires this sloppiness for precompiled headers: https://ccache.dev/manual/latest.html
    set(launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
        CCACHE_SLOPPINESS=pch_defines,time_macros ${OSBOT_CCACHE})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
    set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
endif()

add_library(osbot_options INTERFACE)
target_compile_options(osbot_options INTERFACE
    -Wall -Wextra -Wpedantic
    -Wshadow                # a name that hides another one
    -Wconversion            # sizes and ports that are truncated
    -Wnon-virtual-dtor      # deleting an object through its interface
    -Wold-style-cast        # C casts hide which conversion they do
    -Woverloaded-virtual    # a function that hides a virtual one instead of overriding it
    $<$<CONFIG:Debug>:-Wnull-dereference> # at -O2, g++ 12 reports it inside Boost and the standard library
    -Wimplicit-fallthrough
    -Wno-missing-field-initializers # with designated initialisers, the other members have their defaults
    -fmacro-prefix-map=${PROJECT_SOURCE_DIR}/= # asserts name src/..., and not where this tree was compiled
    -fno-math-errno -fno-trapping-math # ceil(), sqrt() and the like inline: libm would be in the zip of each program that is deployed
    -ffunction-sections -fdata-sections # with --gc-sections: a packed handler contains only code that it can reach
)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(osbot_options INTERFACE -Wno-restrict) # false alarms of g++ 12 on std::string's + (GCC bug 105651)
    target_compile_options(osbot_options INTERFACE -fpch-preprocess) # lets ccache see which precompiled header is used
endif()
if(OSBOT_WERROR)
    target_compile_options(osbot_options INTERFACE -Werror)
endif()
target_link_options(osbot_options INTERFACE -Wl,--gc-sections -static-libstdc++ -static-libgcc)

if(OSBOT_SANITIZE)
    target_compile_options(osbot_options INTERFACE -fsanitize=${OSBOT_SANITIZE} -fno-omit-frame-pointer
        -fno-sanitize-recover=all -Wno-null-dereference -Wno-maybe-uninitialized -Wno-stringop-overflow) # false alarms in instrumented code
    target_link_options(osbot_options INTERFACE -fsanitize=${OSBOT_SANITIZE})
    target_compile_definitions(osbot_options INTERFACE OSBOT_SANITIZED)
    if(OSBOT_SANITIZE MATCHES "thread") # ThreadSanitizer does not support fences; mutexes also guard Asio's queues
        target_compile_definitions(osbot_options INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
    endif()
endif()
if(OSBOT_COVERAGE)
    target_compile_options(osbot_options INTERFACE --coverage)
    target_link_options(osbot_options INTERFACE --coverage)
endif()

# Asserts stay on in release builds, so that a violated invariant is reported: -O2 without -DNDEBUG. No -g either, which takes a
# fifth of the compile time; the preset dev has line numbers.
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_C_FLAGS_RELEASE "-O2")
set(CMAKE_CXX_FLAGS_DEBUG "-Og -g1")
set(CMAKE_C_FLAGS_DEBUG "-Og -g1")
