# `make deb`: osbot-aws contains the command, libosbot-aws-dev the library. CPack stages each CMake component, debian_layout.cmake
# adds the files that Debian requires, and dpkg-shlibdeps finds the dependencies of the command.
set(OSBOT_MAINTAINER "osbot_aws maintainers <osbot-aws@users.noreply.github.com>" CACHE STRING "Maintainer of the Debian packages: Name <address>")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "deploys and runs AWS Lambda functions, locally or on AWS")
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
set(CPACK_DEBIAN_COMMAND_PACKAGE_DEPENDS libcurl4) # opened at run time, so dpkg-shlibdeps does not find it
set(CPACK_DEBIAN_COMMAND_PACKAGE_RECOMMENDS "python3, ca-certificates")
set(CPACK_COMPONENT_COMMAND_DESCRIPTION "The command osbot deploys a Python file, a folder, a zip, a container
image or a C++ program as an AWS Lambda function, to AWS or to a local
AWS endpoint. The local endpoint (Lambda, S3, SQS, IAM, STS, CloudWatch
Logs) runs functions in sandboxed processes, without Docker.")

list(JOIN OSBOT_DEBIAN_PACKAGES ", " development_depends)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libosbot-aws-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "nlohmann-json3-dev, libcurl4, ${development_depends}")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_RECOMMENDS libgtest-dev)
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "A C++ program that links this library can pack and deploy itself, and
run as the Lambda function: on an engine inside the program, on the local
endpoint of osbot-aws, or on AWS. Headers, the static library, and files
for CMake and pkg-config.")

include(CPack)
