# CPack runs this script on the staged trees before it builds the packages: compressed manual pages, license and changelog, as
# chapter 12 of the Debian policy requires.
set(package_command osbot-aws)
set(package_development libosbot-aws-dev)
string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC) # uses SOURCE_DATE_EPOCH if it is set

foreach(component command development)
    set(usr ${CPACK_TEMPORARY_DIRECTORY}/${component}/usr)
    set(package ${package_${component}})
    set(doc ${usr}/share/doc/${package})
    file(REMOVE_RECURSE ${usr}/share/doc/osbot_aws/LICENSE)
    if(EXISTS ${usr}/share/doc/osbot_aws)
        file(RENAME ${usr}/share/doc/osbot_aws ${doc})
    endif()
    file(MAKE_DIRECTORY ${doc} ${usr}/share/lintian/overrides)
    file(COPY ${CPACK_OSBOT_SOURCE}/NOTICE DESTINATION ${doc}) # both packages contain code of other projects

    file(WRITE ${doc}/copyright "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: osbot_aws

Files: *
Copyright: 2025-2026 the osbot_aws authors
License: Apache-2.0
 On Debian systems the license is in /usr/share/common-licenses/Apache-2.0.
Comment: The file NOTICE, next to this one, lists the components of other projects that
 are linked statically or compiled from headers, with their licenses.
")
    file(WRITE ${doc}/changelog "${package} (${CPACK_PACKAGE_VERSION}) unstable; urgency=medium

  * Built from the sources. CHANGELOG.md in the package osbot-aws lists the changes.

 -- ${CPACK_OSBOT_MAINTAINER}  ${now}
")
    file(GLOB compressed ${usr}/share/man/man1/*.1 ${doc}/CHANGELOG.md ${doc}/changelog)
    foreach(file ${compressed})
        execute_process(COMMAND gzip -9n ${file} COMMAND_ERROR_IS_FATAL ANY)
    endforeach()
    # Libraries are linked statically because each shared object of a program would have to be packed with each C++ function
    # (docs/development/dependencies.md). Their security fixes are delivered by new versions of osbot-aws.
    if(component STREQUAL command)
        file(WRITE ${usr}/share/lintian/overrides/${package} "${package}: embedded-library\n")
    else()
        file(REMOVE_RECURSE ${usr}/share/lintian)
    endif()
endforeach()
