#include "packing/elf.hpp"

#include <elf.h>
#include <fmt/format.h>

#include <charconv>
#include <cstring>

#include "base/files.hpp"

namespace osbot_aws::packing {
namespace {

/// Reads structures out of the bytes of a file, refusing whatever lies outside.
class View {
public:
    explicit View(std::string_view bytes) : bytes_(bytes) {}

    template <class T>
    std::optional<T> at(std::uint64_t offset) const {
        if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) return std::nullopt;
        T value;
        std::memcpy(&value, bytes_.data() + offset, sizeof value);
        return value;
    }
    std::string text(std::uint64_t offset) const {
        if (offset >= bytes_.size()) return {};
        const std::string_view rest = bytes_.substr(offset);
        return std::string(rest.substr(0, rest.find('\0')));
    }

private:
    std::string_view bytes_;
};

std::string architecture_name(std::uint16_t machine) {
    if (machine == EM_X86_64) return "x86_64";
    if (machine == EM_AARCH64) return "arm64";
    return fmt::format("ELF machine {}", machine);
}

/// Virtual addresses of the dynamic section as places in the file.
struct Segments {
    std::vector<Elf64_Phdr> load;
    std::uint64_t place(std::uint64_t address) const {
        for (const auto& segment : load) {
            if (address >= segment.p_vaddr && address < segment.p_vaddr + segment.p_filesz)
                return address - segment.p_vaddr + segment.p_offset;
        }
        return ~0ull;
    }
};

void read_versions(const View& view, const Segments& segments, std::uint64_t strings, std::uint64_t versions,
                   std::uint64_t count, Elf& elf) {
    std::uint64_t at = segments.place(versions);
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto need = view.at<Elf64_Verneed>(at);
        if (!need) return;
        std::uint64_t aux_at = at + need->vn_aux;
        for (int k = 0; k < need->vn_cnt; ++k) {
            const auto aux = view.at<Elf64_Vernaux>(aux_at);
            if (!aux) return;
            constexpr std::string_view prefix = "GLIBC_";
            const std::string name = view.text(strings + aux->vna_name);
            if (name.starts_with(prefix) && name != "GLIBC_PRIVATE")
                elf.glibc_versions.push_back(name.substr(prefix.size()));
            if (aux->vna_next == 0) break;
            aux_at += aux->vna_next;
        }
        if (need->vn_next == 0) return;
        at += need->vn_next;
    }
}

void read_dynamic(const View& view, const Segments& segments, const Elf64_Phdr& dynamic, Elf& elf) {
    std::uint64_t strings = 0, versions = 0, version_count = 0;
    std::vector<std::uint64_t> needed;
    for (std::uint64_t at = dynamic.p_offset; at + sizeof(Elf64_Dyn) <= dynamic.p_offset + dynamic.p_filesz;
         at += sizeof(Elf64_Dyn)) {
        const auto entry = view.at<Elf64_Dyn>(at);
        if (!entry || entry->d_tag == DT_NULL) break;
        if (entry->d_tag == DT_NEEDED) needed.push_back(entry->d_un.d_val);
        if (entry->d_tag == DT_STRTAB) strings = segments.place(entry->d_un.d_ptr);
        if (entry->d_tag == DT_FLAGS_1 && (entry->d_un.d_val & DF_1_PIE) != 0) elf.program = true;
        if (entry->d_tag == DT_VERNEED) versions = entry->d_un.d_ptr;
        if (entry->d_tag == DT_VERNEEDNUM) version_count = entry->d_un.d_val;
    }
    for (const std::uint64_t name : needed) elf.needed.push_back(view.text(strings + name));
    if (versions != 0) read_versions(view, segments, strings, versions, version_count, elf);
}

}  // namespace

Result<std::optional<Elf>> read_elf(const std::filesystem::path& file) {
    auto bytes = base::read_file(file);
    if (!bytes) return bytes.error();
    return parse_elf(*bytes, file.string());
}

Result<std::optional<Elf>> parse_elf(std::string_view bytes, const std::string& name) {
    if (!bytes.starts_with(ELFMAG)) return std::optional<Elf>();
    const View view(bytes);
    const auto header = view.at<Elf64_Ehdr>(0);
    if (!header || header->e_ident[EI_CLASS] != ELFCLASS64)
        return Error{"BadElf", fmt::format("{} is not a 64-bit ELF file", name)};

    Elf elf;
    elf.architecture = architecture_name(header->e_machine);
    elf.program = header->e_type == ET_EXEC;  // or static-pie, as its dynamic section says
    Segments segments;
    std::optional<Elf64_Phdr> dynamic;
    for (int i = 0; i < header->e_phnum; ++i) {
        const auto segment = view.at<Elf64_Phdr>(header->e_phoff + static_cast<std::uint64_t>(i) * header->e_phentsize);
        if (!segment) return Error{"BadElf", fmt::format("{} is cut off", name)};
        if (segment->p_type == PT_LOAD) segments.load.push_back(*segment);
        if (segment->p_type == PT_INTERP) elf.interpreter = view.text(segment->p_offset);
        if (segment->p_type == PT_DYNAMIC) dynamic = segment;
    }
    for (int i = 0; i < header->e_shnum; ++i) {
        const auto section = view.at<Elf64_Shdr>(header->e_shoff + static_cast<std::uint64_t>(i) * header->e_shentsize);
        if (section && section->sh_type == SHT_SYMTAB) elf.symbols = true;
    }
    if (dynamic) read_dynamic(view, segments, *dynamic, elf);
    elf.program = elf.program || !elf.interpreter.empty();
    return std::optional<Elf>(std::move(elf));
}

bool newer_version(const std::string& a, const std::string& b) {
    const char* x = a.data();
    const char* y = b.data();
    const char* const x_end = x + a.size();
    const char* const y_end = y + b.size();
    while (x < x_end || y < y_end) {
        int left = 0, right = 0;
        x = std::from_chars(x, x_end, left).ptr;
        y = std::from_chars(y, y_end, right).ptr;
        if (left != right) return left > right;
        if (x < x_end) ++x;  // the dot
        if (y < y_end) ++y;
    }
    return false;
}

}  // namespace osbot_aws::packing
