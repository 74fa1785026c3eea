# Called by osbot_embed(): writes the bytes of INPUT to SOURCE, and the declaration of SYMBOL to HEADER.
file(READ ${INPUT} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file(WRITE ${HEADER} "#pragma once\n#include <string_view>\nnamespace embedded { extern const std::string_view ${SYMBOL}; }\n")
file(WRITE ${SOURCE} "#include \"embedded/${SYMBOL}.hpp\"\nnamespace {\nconst unsigned char bytes[] = {${bytes} 0};\n}\n"
    "namespace embedded {\nconst std::string_view ${SYMBOL}{reinterpret_cast<const char*>(bytes), sizeof(bytes) - 1};\n}\n")
