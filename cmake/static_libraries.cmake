# The static libraries that osbot_aws links, so that a packed handler needs few shared objects (docs/development/dependencies.md).
# The build and the installed CMake package both read this file, so that they link the same libraries.

# osbot_static(NAME DEBIAN_PACKAGE [LIBRARY...]): creates the target osbot_lib_NAME for lib<NAME>.a, or adds it to OSBOT_MISSING
macro(osbot_static name package)
    list(APPEND OSBOT_DEBIAN_PACKAGES ${package})
    find_library(OSBOT_LIB_${name} NAMES lib${name}.a)
    mark_as_advanced(OSBOT_LIB_${name})
    if(NOT OSBOT_LIB_${name})
        list(APPEND OSBOT_MISSING "lib${name}.a (Debian's ${package})")
    elseif(NOT TARGET osbot_lib_${name})
        add_library(osbot_lib_${name} STATIC IMPORTED GLOBAL) # a target, so that it precedes its dependencies on every link line
        set_target_properties(osbot_lib_${name} PROPERTIES IMPORTED_LOCATION "${OSBOT_LIB_${name}}" INTERFACE_LINK_LIBRARIES "${ARGN}")
    endif()
endmacro()

# osbot_without_math(NAME FUNCTION...): links a copy of the library that calls abort() instead of these functions of libm. Nothing calls
# them: they belong to SQL functions of SQLite and to XPath of pugixml. libm would be an eighth of the zip of each program that is deployed.
function(osbot_without_math name)
    find_program(OSBOT_OBJCOPY NAMES ${CMAKE_OBJCOPY} objcopy)
    mark_as_advanced(OSBOT_OBJCOPY)
    if(NOT OSBOT_OBJCOPY OR NOT TARGET osbot_lib_${name})
        return()
    endif()
    set(copy ${CMAKE_CURRENT_BINARY_DIR}/libosbot_${name}_without_math.a)
    if(${OSBOT_LIB_${name}} IS_NEWER_THAN ${copy})
        configure_file(${OSBOT_LIB_${name}} ${copy} COPYONLY)
        foreach(symbol ${ARGN}) # one at a time: objcopy rejects several new names that are equal
            execute_process(COMMAND ${OSBOT_OBJCOPY} --redefine-sym=${symbol}=abort ${copy} RESULT_VARIABLE failed ERROR_QUIET)
            if(failed)
                file(REMOVE ${copy})
                return()
            endif()
        endforeach()
    endif()
    set_target_properties(osbot_lib_${name} PROPERTIES IMPORTED_LOCATION ${copy})
endfunction()

find_package(Threads REQUIRED)
set(OSBOT_MISSING "")
set(OSBOT_DEBIAN_PACKAGES "")
osbot_static(z zlib1g-dev)
osbot_static(minizip libminizip-dev osbot_lib_z)
osbot_static(deflate libdeflate-dev)
osbot_static(crypto libssl-dev Threads::Threads ${CMAKE_DL_LIBS})
osbot_static(sqlite3 libsqlite3-dev Threads::Threads ${CMAKE_DL_LIBS} m)
osbot_without_math(sqlite3 acos acosh asin asinh atan atan2 atanh ceil cos cosh exp floor fmod log log10 log2 pow sin sinh sqrt tan tanh trunc)
osbot_static(pugixml libpugixml-dev)
osbot_without_math(pugixml fmod)
osbot_static(seccomp libseccomp-dev)
osbot_static(zstd libzstd-dev)
osbot_static(archive libarchive-dev osbot_lib_z osbot_lib_zstd) # only its readers of tar, gzip and zstd are linked

# In the order of a link line: each library precedes its dependencies.
set(OSBOT_STATIC_LIBRARIES minizip deflate crypto sqlite3 pugixml seccomp archive zstd z)
