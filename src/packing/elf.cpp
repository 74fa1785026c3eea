#include "packing/elf.hpp"

#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/error_codes.hpp"
#include "base/files.hpp"
#include "base/local_error.hpp"

namespace osbot_aws::packing {
namespace {

constexpr std::uint64_t head_bytes = 64 << 10;  // the program header table is near the start of the file
constexpr std::uint64_t no_end = ~0ull;

/// Reads structures from the bytes of a file. Offsets outside of the bytes return nullopt or an empty string.
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

Result<std::string> read_part(const base::Unique_Fd& fd, const std::filesystem::path& file, std::uint64_t offset,
                              std::uint64_t bytes_max) {
    struct stat info {};
    if (!fd || ::fstat(fd.fd(), &info) != 0) return base::file_error("read", file);
    const auto size = static_cast<std::uint64_t>(info.st_size);
    std::string bytes(std::min(bytes_max, size - std::min(size, offset)), '\0');
    for (std::size_t at = 0; at < bytes.size();) {
        const ssize_t count = ::pread(fd.fd(), bytes.data() + at, bytes.size() - at, static_cast<off_t>(offset + at));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return base::file_error("read", file);
        if (count == 0) bytes.resize(at);  // the file was truncated during the read
        at += static_cast<std::size_t>(count);
    }
    return bytes;
}

base::Unique_Fd open_file(const std::filesystem::path& file) {
    return base::Unique_Fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
}

/// Returns the end offset of the parts that are loaded, or no_end if the program header table is outside of the view.
std::uint64_t loaded_end(const View& view, const Elf64_Ehdr& header) {
    std::uint64_t end = sizeof header;
    for (int i = 0; i < header.e_phnum; ++i) {
        const std::uint64_t at = header.e_phoff + static_cast<std::uint64_t>(i) * header.e_phentsize;
        end = std::max(end, at + header.e_phentsize);
        const auto segment = view.at<Elf64_Phdr>(at);
        if (!segment || segment->p_filesz > no_end - segment->p_offset) return no_end;
        end = std::max(end, segment->p_offset + segment->p_filesz);
    }
    return end;
}

/// Returns the loaded part of a file, or the leading bytes if the file is not a 64-bit ELF.
Result<std::string> read_loaded(const base::Unique_Fd& fd, const std::filesystem::path& file) {
    auto head = read_part(fd, file, 0, head_bytes);
    if (!head || !head->starts_with(ELFMAG)) return head;
    const View view(*head);
    const auto header = view.at<Elf64_Ehdr>(0);
    if (!header || header->e_ident[EI_CLASS] != ELFCLASS64) return head;
    return read_part(fd, file, 0, loaded_end(view, *header));
}

bool has_symbols(std::string_view sections, std::size_t section_bytes) {
    const View view(sections);
    for (std::size_t at = 0; section_bytes > 0 && at < sections.size(); at += section_bytes) {
        const auto section = view.at<Elf64_Shdr>(at);
        if (section && section->sh_type == SHT_SYMTAB) return true;
    }
    return false;
}

std::string architecture_name(std::uint16_t machine) {
    if (machine == EM_X86_64) return "x86_64";
    if (machine == EM_AARCH64) return "arm64";
    return fmt::format("ELF machine {}", machine);
}

/// Maps virtual addresses of the dynamic section to file offsets.
struct Segments {
    std::vector<Elf64_Phdr> load;
    std::uint64_t offset_of(std::uint64_t address) const {
        for (const auto& segment : load) {
            if (address >= segment.p_vaddr && address < segment.p_vaddr + segment.p_filesz)
                return address - segment.p_vaddr + segment.p_offset;
        }
        return ~0ull;
    }
};

void read_versions(const View& view, const Segments& segments, std::uint64_t strings, std::uint64_t versions,
                   std::uint64_t count, Elf& elf) {
    std::uint64_t at = segments.offset_of(versions);
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
    std::optional<std::uint64_t> run_path;
    std::vector<std::uint64_t> needed;
    for (std::uint64_t at = dynamic.p_offset; at + sizeof(Elf64_Dyn) <= dynamic.p_offset + dynamic.p_filesz;
         at += sizeof(Elf64_Dyn)) {
        const auto entry = view.at<Elf64_Dyn>(at);
        if (!entry || entry->d_tag == DT_NULL) break;
        if (entry->d_tag == DT_NEEDED) needed.push_back(entry->d_un.d_val);
        if (entry->d_tag == DT_RUNPATH || entry->d_tag == DT_RPATH) run_path = entry->d_un.d_val;
        if (entry->d_tag == DT_STRTAB) strings = segments.offset_of(entry->d_un.d_ptr);
        if (entry->d_tag == DT_FLAGS_1 && (entry->d_un.d_val & DF_1_PIE) != 0) elf.program = true;
        if (entry->d_tag == DT_VERNEED) versions = entry->d_un.d_ptr;
        if (entry->d_tag == DT_VERNEEDNUM) version_count = entry->d_un.d_val;
    }
    if (run_path) elf.run_path = view.text(strings + *run_path);
    for (const std::uint64_t name : needed) elf.needed.push_back(view.text(strings + name));
    if (versions != 0) read_versions(view, segments, strings, versions, version_count, elf);
}

}  // namespace

Result<std::optional<Elf>> read_elf(const std::filesystem::path& file) {
    const base::Unique_Fd fd = open_file(file);
    OSBOT_TRY(const auto bytes, read_loaded(fd, file));
    auto elf = parse_elf(bytes, file.string());
    if (!elf || !*elf) return elf;
    const auto header = View(bytes).at<Elf64_Ehdr>(0);
    OSBOT_TRY(const auto sections,
              read_part(fd, file, header->e_shoff, std::uint64_t{header->e_shnum} * header->e_shentsize));
    (*elf)->symbols = has_symbols(sections, header->e_shentsize);
    return elf;
}

Result<std::string> loaded_part(const std::filesystem::path& file) {
    OSBOT_TRY(auto bytes, read_loaded(open_file(file), file));
    auto header = View(bytes).at<Elf64_Ehdr>(0);
    const std::uint64_t end = header ? loaded_end(View(bytes), *header) : no_end;
    if (end > bytes.size()) return local_error(codes::bad_elf, "{} is truncated", file.string());
    bytes.resize(end);
    header->e_shoff = 0;
    header->e_shnum = header->e_shstrndx = 0;
    bytes.replace(0, sizeof *header, reinterpret_cast<const char*>(&*header), sizeof *header);
    return bytes;
}

Result<std::optional<Elf>> parse_elf(std::string_view bytes, const std::string& name) {
    if (!bytes.starts_with(ELFMAG)) return std::optional<Elf>();
    const View view(bytes);
    const auto header = view.at<Elf64_Ehdr>(0);
    if (!header || header->e_ident[EI_CLASS] != ELFCLASS64)
        return local_error(codes::bad_elf, "{} is not a 64-bit ELF file", name);

    Elf elf;
    elf.architecture = architecture_name(header->e_machine);
    elf.program = header->e_type == ET_EXEC;  // read_dynamic() detects static-pie
    Segments segments;
    std::optional<Elf64_Phdr> dynamic;
    for (int i = 0; i < header->e_phnum; ++i) {
        const auto segment = view.at<Elf64_Phdr>(header->e_phoff + static_cast<std::uint64_t>(i) * header->e_phentsize);
        if (!segment) return local_error(codes::bad_elf, "{} is truncated", name);
        if (segment->p_type == PT_LOAD) segments.load.push_back(*segment);
        if (segment->p_type == PT_INTERP) elf.interpreter = view.text(segment->p_offset);
        if (segment->p_type == PT_DYNAMIC) dynamic = segment;
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
