# osbot_error_pages(TARGET FOLDER): writes the pages of FOLDER, each named after an error, as the rows of a table to
# <embedded/error_pages_rows.inc>. One file instead of osbot_embed(), because the pages are many and small.
function(osbot_error_pages target folder)
    file(GLOB pages CONFIGURE_DEPENDS ${folder}/*.md)
    list(FILTER pages EXCLUDE REGEX "/README\\.md$")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${pages})
    foreach(page ${pages})
        cmake_path(GET page STEM LAST_ONLY name)
        file(READ ${page} text)
        string(APPEND rows "{\"${name}\", R\"page(${text})page\"},\n")
    endforeach()
    file(CONFIGURE OUTPUT embedded/error_pages_rows.inc CONTENT "${rows}" @ONLY)
    target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
endfunction()
