# Installation: the CMake component `command` is for users who deploy functions, `development` for those who write them in C++.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/osbot_aws)
set(pkgconfig_folder ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

if(OSBOT_COMMAND)
    install(TARGETS osbot RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT command)
    install(DIRECTORY ${OSBOT_GENERATED_DOCS}/man1/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT command)
    foreach(script osbot:bash-completion/completions _osbot:zsh/site-functions osbot.fish:fish/vendor_completions.d)
        string(REPLACE ":" ";" script ${script})
        list(GET script 0 file)
        list(GET script 1 folder)
        install(FILES ${OSBOT_GENERATED_DOCS}/completions/${file} DESTINATION ${CMAKE_INSTALL_DATADIR}/${folder} COMPONENT command)
    endforeach()
    install(FILES LICENSE NOTICE README.md CHANGELOG.md SECURITY.md TYPE DOC COMPONENT command)
endif()

install(DIRECTORY include/osbot_aws TYPE INCLUDE COMPONENT development)
install(TARGETS osbot_aws EXPORT osbot_awsTargets ARCHIVE COMPONENT development INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT osbot_awsTargets NAMESPACE osbot_aws:: DESTINATION ${package_folder} COMPONENT development)
if(TARGET osbot_aws_gtest_main)
    install(TARGETS osbot_aws_gtest_main EXPORT osbot_aws_gtest_mainTargets ARCHIVE COMPONENT development)
    install(EXPORT osbot_aws_gtest_mainTargets NAMESPACE osbot_aws:: DESTINATION ${package_folder} COMPONENT development)
endif()

add_custom_target(osbot_release DEPENDS osbot_aws $<TARGET_NAME_IF_EXISTS:osbot> $<TARGET_NAME_IF_EXISTS:osbot_manuals>
    $<TARGET_NAME_IF_EXISTS:osbot_aws_gtest_main> COMMENT "Built everything that is installed")

configure_package_config_file(cmake/osbot_awsConfig.cmake.in osbot_awsConfig.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(osbot_awsConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/osbot_awsConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/osbot_awsConfigVersion.cmake
              cmake/static_libraries.cmake cmake/aarch64-linux-gnu.cmake DESTINATION ${package_folder} COMPONENT development)

# find_package also accepts the build folder, so that a project of `osbot init` builds after `make demo` without an installation.
# Not in instrumented builds: linking their library needs additional flags.
if(NOT OSBOT_SANITIZE AND NOT OSBOT_COVERAGE)
    configure_file(cmake/static_libraries.cmake static_libraries.cmake COPYONLY)
    export(EXPORT osbot_awsTargets NAMESPACE osbot_aws:: FILE osbot_awsTargets.cmake)
    if(TARGET osbot_aws_gtest_main)
        export(EXPORT osbot_aws_gtest_mainTargets NAMESPACE osbot_aws:: FILE osbot_aws_gtest_mainTargets.cmake)
    endif()
endif()

# The prefix is relative to the .pc file, so that an installed tree can be moved.
file(RELATIVE_PATH pc_prefix /prefix/${pkgconfig_folder} /prefix)
string(REGEX REPLACE "/$" "" pc_prefix "\${pcfiledir}/${pc_prefix}")
list(TRANSFORM OSBOT_STATIC_LIBRARIES REPLACE "(.+)" "-l:lib\\1.a" OUTPUT_VARIABLE pc_libraries)
foreach(name sqlite3 pugixml) # the copies that do not need libm: static_libraries.cmake
    set(copy osbot_${name}_without_math)
    if(EXISTS ${CMAKE_CURRENT_BINARY_DIR}/lib${copy}.a)
        list(TRANSFORM pc_libraries REPLACE "^-l:lib${name}.a$" "-l:lib${copy}.a")
        install(FILES ${CMAKE_CURRENT_BINARY_DIR}/lib${copy}.a DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
    endif()
endforeach()
list(JOIN pc_libraries " " pc_libraries)
foreach(name osbot_aws osbot_aws_gtest_main)
    if(TARGET ${name})
        configure_file(cmake/${name}.pc.in ${name}.pc @ONLY)
        install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc DESTINATION ${pkgconfig_folder} COMPONENT development)
    endif()
endforeach()

# `cmake --install --strip` does not strip archives; their debug information has ten times the size of their code.
install(CODE "
    if(CMAKE_INSTALL_DO_STRIP)
        file(GLOB archives \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/libosbot_aws*.a\")
        execute_process(COMMAND \"${CMAKE_STRIP}\" --strip-debug \${archives} COMMAND_ERROR_IS_FATAL ANY)
    endif()" COMPONENT development)

add_custom_target(uninstall COMMAND ${CMAKE_COMMAND} -DMANIFEST=${CMAKE_BINARY_DIR}/install_manifest.txt
    -P ${CMAKE_CURRENT_SOURCE_DIR}/cmake/uninstall.cmake VERBATIM)

include(packages)
