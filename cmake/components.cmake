# osbot_precompiled_headers(TARGET HEADER OPTIONS ... LINKS ...): precompiles HEADER, which includes the headers that most sources
# include (docs/development/building.md). -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON disables it.
function(osbot_precompiled_headers name header)
    cmake_parse_arguments(precompiled "" "" "OPTIONS;LINKS" ${ARGN})
    add_library(${name} OBJECT ${PROJECT_SOURCE_DIR}/src/precompiled.cpp)
    target_include_directories(${name} PRIVATE
        ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
    target_link_libraries(${name} PRIVATE osbot_options osbot_lib_fmt nlohmann_json::nlohmann_json ${precompiled_LINKS})
    target_compile_options(${name} PRIVATE ${precompiled_OPTIONS})
    target_precompile_headers(${name} PRIVATE <${header}>) # by its name: a path would differ between clones
endfunction()

# osbot_unity(TARGET): compiles several sources of a target together, which takes half the time, because they share the parsing
# and the instantiation of what they include. Hence names in unnamed namespaces are unique within a component.
set(OSBOT_UNITY_SOURCES 6) # more save little, and a change of one compiles all of them
function(osbot_unity target)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ${OSBOT_UNITY} UNITY_BUILD_BATCH_SIZE ${OSBOT_UNITY_SOURCES})
    if(OSBOT_UNITY AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        target_compile_options(${target} PRIVATE -Wno-subobject-linkage) # warns of types that only one source should use
    endif()
endfunction()

# osbot_component(NAME SOURCES a.cpp b.cpp LINKS osbot::base ...)
# Creates a component, which is one static library. LINKS lists the components it uses; ARCHITECTURE.md lists those it may use.
function(osbot_component name)
    cmake_parse_arguments(component "" "" "SOURCES;LINKS" ${ARGN})
    add_library(osbot_component_${name} STATIC ${component_SOURCES})
    add_library(osbot::${name} ALIAS osbot_component_${name})
    target_include_directories(osbot_component_${name} PUBLIC
        $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>)
    target_link_libraries(osbot_component_${name} PUBLIC ${component_LINKS} PRIVATE osbot_options)
    target_compile_options(osbot_component_${name} PRIVATE ${OSBOT_SMALL})
    target_precompile_headers(osbot_component_${name} REUSE_FROM osbot_precompiled)
    osbot_unity(osbot_component_${name})
endfunction()

# Components are compiled for size: each packed handler contains them, and they compile faster. osbot_fast(COMPONENT file...)
# compiles sources of it for speed instead: those that process an invoke or the bytes of a request. They cannot use the precompiled
# header, which needs the same compiler options. CMake compiles sources with options of their own alone, so that this function
# writes the files that include several of them.
set(OSBOT_SMALL $<$<CONFIG:Release>:-Os>)
function(osbot_fast component)
    set(units ${ARGN})
    if(OSBOT_UNITY)
        set_source_files_properties(${ARGN} PROPERTIES HEADER_FILE_ONLY ON)
        cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY ${PROJECT_SOURCE_DIR}/src OUTPUT_VARIABLE folder)
        list(TRANSFORM ARGN PREPEND "#include \"${folder}/") # an absolute path would differ between clones
        list(TRANSFORM ARGN APPEND "\"\n")
        set(units)
        while(ARGN)
            list(SUBLIST ARGN 0 ${OSBOT_UNITY_SOURCES} includes)
            list(REMOVE_ITEM ARGN ${includes})
            list(LENGTH units number)
            string(JOIN "" includes ${includes})
            list(APPEND units ${CMAKE_CURRENT_BINARY_DIR}/fast_${number}.cpp)
            file(CONFIGURE OUTPUT fast_${number}.cpp CONTENT "${includes}")
        endwhile()
        target_sources(osbot_component_${component} PRIVATE ${units})
    endif()
    set_source_files_properties(${units} PROPERTIES
        COMPILE_OPTIONS "$<$<CONFIG:Release>:-O2>" SKIP_PRECOMPILE_HEADERS ON SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

# osbot_embed(TARGET [GZIP] [PREFIX p_] file...): embeds each file as a std::string_view, declared in <embedded/NAME.hpp> and named
# after the file: embedded::bootstrap_py for bootstrap.py. With GZIP it is the compressed file, embedded::table_tsv_gz for table.tsv.
add_custom_target(osbot_generated) # generates all of them, for clang-tidy, which needs the headers but no objects
function(osbot_embed target)
    cmake_parse_arguments(embed "GZIP" "PREFIX" "" ${ARGN})
    foreach(file ${embed_UNPARSED_ARGUMENTS})
        cmake_path(GET file FILENAME base)
        if(embed_GZIP)
            string(APPEND base .gz)
        endif()
        string(MAKE_C_IDENTIFIER ${embed_PREFIX}${base} symbol)
        set(source ${CMAKE_CURRENT_BINARY_DIR}/embedded/${symbol}.cpp)
        set(header ${CMAKE_CURRENT_BINARY_DIR}/embedded/${symbol}.hpp)
        add_custom_command(OUTPUT ${source} ${header}
            COMMAND ${CMAKE_COMMAND} -DINPUT=${file} -DSYMBOL=${symbol} -DSOURCE=${source} -DHEADER=${header}
                    -DGZIP=${embed_GZIP} -P ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
            DEPENDS ${file} ${PROJECT_SOURCE_DIR}/cmake/embed.cmake VERBATIM)
        target_sources(${target} PRIVATE ${source} ${header})
        # Each has its own `bytes`. Reading the precompiled header would take four times as long as compiling them.
        set_source_files_properties(${source} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON SKIP_PRECOMPILE_HEADERS ON
            COMPILE_OPTIONS -Wno-overlength-strings)
        add_custom_target(generate_${symbol} DEPENDS ${source} ${header})
        add_dependencies(osbot_generated generate_${symbol})
        target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
    endforeach()
endfunction()

# Only the components under test are optimised, as in a release: tests compile faster without.
set(OSBOT_UNOPTIMISED $<$<CONFIG:Release>:-O0>)
function(osbot_test_options name)
    target_compile_options(${name} PRIVATE ${OSBOT_UNOPTIMISED})
    target_precompile_headers(${name} REUSE_FROM osbot_precompiled_tests)
endfunction()

# osbot_unit_test(COMPONENT SOURCES ... LINKS ... [LABEL unit] [FILTER pattern]): creates a GoogleTest program. Each test is a separate
# ctest entry, so that a failure names the broken behaviour. FILTER is a GoogleTest filter.
function(osbot_unit_test name)
    cmake_parse_arguments(test "" "LABEL;FILTER" "SOURCES;LINKS" ${ARGN})
    if(NOT test_LABEL)
        set(test_LABEL unit)
    endif()
    add_executable(${name} ${test_SOURCES})
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    target_link_libraries(${name} PRIVATE ${test_LINKS} osbot_test_support osbot_options)
    osbot_test_options(${name})
    osbot_unity(${name})
    gtest_discover_tests(${name} TEST_FILTER "${test_FILTER}" PROPERTIES LABELS ${test_LABEL} TIMEOUT 120 DISCOVERY_TIMEOUT 60)
endfunction()

# osbot_benchmark(NAME SOURCES ... LINKS ...): creates a Google Benchmark program. ctest runs it briefly, so that it keeps working.
function(osbot_benchmark name)
    cmake_parse_arguments(bench "" "" "SOURCES;LINKS" ${ARGN})
    add_executable(${name} ${bench_SOURCES})
    target_link_libraries(${name} PRIVATE ${bench_LINKS} benchmark::benchmark osbot_options)
    if(OSBOT_TESTS)
        add_test(NAME bench_smoke.${name} COMMAND ${name} --benchmark_min_time=0.001)
        set_tests_properties(bench_smoke.${name} PROPERTIES LABELS bench_smoke TIMEOUT 120 FAIL_REGULAR_EXPRESSION "ERROR OCCURRED")
    endif()
endfunction()
