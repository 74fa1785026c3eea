# Called by osbot_embed(): writes the bytes of INPUT, compressed if GZIP is set, to SOURCE, and the declaration of SYMBOL to HEADER.
if(GZIP)
    file(ARCHIVE_CREATE OUTPUT ${SOURCE}.gz PATHS ${INPUT} FORMAT raw COMPRESSION GZip COMPRESSION_LEVEL 9)
    set(INPUT ${SOURCE}.gz)
endif()
file(READ ${INPUT} hex HEX)
if(GZIP)  # without the time of the build, which would make each build differ
    string(REGEX REPLACE "^(1f8b08..)........" "\\100000000" hex "${hex}")
endif()
# A constant that needs no code at the start of a program: the linker removes one that the program does not use.
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" bytes "${hex}")
file(WRITE ${HEADER} "#pragma once\n#include <string_view>\nnamespace embedded { extern const std::string_view ${SYMBOL}; }\n")
file(WRITE ${SOURCE} "#include \"embedded/${SYMBOL}.hpp\"\nnamespace {\nconstexpr char bytes[] = \"${bytes}\";\n}\n"
    "namespace embedded {\nconstinit const std::string_view ${SYMBOL}{bytes, sizeof(bytes) - 1};\n}\n")
