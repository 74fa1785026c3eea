// ELF files of deployed executables.
#include "packing/elf.hpp"
#include "base/files.hpp"
#include "fuzz.hpp"

std::vector<std::string> seeds() {
    // The parser reads only the headers and the dynamic section, so the first part of this program is enough.
    const std::string whole = osbot_aws::base::read_file("/proc/self/exe").value();
    return {whole.substr(0, 4096), whole.substr(0, 64), whole.substr(0, 100'000)};
}

void run_target(std::string_view bytes) { (void)osbot_aws::packing::parse_elf(bytes, "input"); }
