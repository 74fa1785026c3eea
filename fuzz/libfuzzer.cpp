// Runs a target under clang's libFuzzer.
#include <cstdint>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    run_target({reinterpret_cast<const char*>(data), size});
    return 0;
}
