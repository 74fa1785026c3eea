# `make deb`: osbot-aws has the command, libosbot-aws-dev the library. CPack stages each component, debian_layout.cmake gives
# the staged trees what Debian wants beside our files, dpkg-shlibdeps finds what the command depends on.
set(OSBOT_MAINTAINER "osbot_aws maintainers <osbot-aws@users.noreply.github.com>" CACHE STRING "who answers for the Debian packages: Name <address>")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "functions as running AWS Lambdas, locally or on AWS")
set(CPACK_COMPONENTS_ALL command development)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/debian_layout.cmake)
set(CPACK_OSBOT_SOURCE ${PROJECT_SOURCE_DIR})
set(CPACK_OSBOT_MAINTAINER ${OSBOT_MAINTAINER})

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS OFF)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER ${OSBOT_MAINTAINER})
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_COMMAND_PACKAGE_NAME osbot-aws)
set(CPACK_DEBIAN_COMMAND_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_COMMAND_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_COMMAND_PACKAGE_DEPENDS libcurl4) # opened at run time, so that dpkg-shlibdeps cannot see it
set(CPACK_DEBIAN_COMMAND_PACKAGE_RECOMMENDS "python3, ca-certificates")
set(CPACK_COMPONENT_COMMAND_DESCRIPTION "The command osbot makes a running AWS Lambda of a Python file, a folder,
a zip, a container image or a C++ program. It has an AWS endpoint of its
own (Lambda, S3, SQS, IAM, STS, CloudWatch Logs) which runs functions in
sandboxed processes without Docker, and deploys the same things to AWS.")

list(JOIN OSBOT_DEBIAN_PACKAGES ", " development_depends)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libosbot-aws-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "nlohmann-json3-dev, libcurl4, ${development_depends}")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_RECOMMENDS libgtest-dev)
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "A C++ program that links this library packs itself, deploys itself and
answers as the Lambda: on an engine inside the program, on the endpoint of
osbot-aws, or on AWS. Headers, the static library, and what CMake and
pkg-config look for.")

include(CPack)
