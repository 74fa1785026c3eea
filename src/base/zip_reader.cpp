#include "base/zip_reader.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <libdeflate.h>
#include <minizip/unzip.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include "base/files.hpp"
#include "base/local_error.hpp"

namespace osbot_aws::base {
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t entries_max = 100'000;  // files, links and folders, also folders without an entry of their own
constexpr std::size_t path_bytes_max = 4096;
constexpr std::ptrdiff_t path_depth_max = 255;  // the kernel looks up each part, so deep paths are slow
constexpr std::uint16_t encrypted_flag = 1;
constexpr unsigned long method_stored = 0, method_deflated = 8;
constexpr unsigned long made_by_unix = 3;
constexpr std::uint64_t parallel_bytes_min = 1'000'000;  // for less, a thread costs more than it saves
constexpr std::size_t threads_max = 8;

Error bad(std::string_view problem, std::string_view entry = "") {
    return {"BadZip", entry.empty() ? std::string(problem) : fmt::format("{}: {}", entry, problem), 0};
}

Error not_at_its_offset(const std::string& path) {
    return bad("is not at the offset given in the central directory", path);
}

Error too_many_entries() { return local_error("ZipTooLarge", "more than {} entries", entries_max); }

/// Bytes in memory that minizip reads through the functions below. Writing is not supported.
struct Memory_File {
    std::string_view bytes;
    std::uint64_t at = 0;
};

Memory_File& file_of(voidpf stream) { return *static_cast<Memory_File*>(stream); }

zlib_filefunc64_def memory_functions(Memory_File& file) {
    zlib_filefunc64_def functions{};
    functions.opaque = &file;
    functions.zopen64_file = [](voidpf opaque, const void*, int) -> voidpf { return opaque; };
    functions.zread_file = [](voidpf, voidpf stream, void* buffer, uLong size) -> uLong {
        Memory_File& f = file_of(stream);
        const std::uint64_t count = std::min<std::uint64_t>(size, f.bytes.size() - f.at);
        std::memcpy(buffer, f.bytes.data() + f.at, count);
        f.at += count;
        return count;
    };
    functions.zwrite_file = [](voidpf, voidpf, const void*, uLong) -> uLong { return 0; };
    functions.ztell64_file = [](voidpf, voidpf stream) -> ZPOS64_T { return file_of(stream).at; };
    functions.zseek64_file = [](voidpf, voidpf stream, ZPOS64_T offset, int origin) -> long {
        Memory_File& f = file_of(stream);
        const std::uint64_t base = origin == ZLIB_FILEFUNC_SEEK_CUR   ? f.at
                                   : origin == ZLIB_FILEFUNC_SEEK_END ? f.bytes.size()
                                                                      : 0;
        if (offset > f.bytes.size() - base) return -1;
        f.at = base + offset;
        return 0;
    };
    functions.zclose_file = [](voidpf, voidpf) -> int { return 0; };
    functions.zerror_file = [](voidpf, voidpf) -> int { return 0; };
    return functions;
}

/// Returns the reason why an entry with this name must not be unpacked, or "" if it may be.
std::string_view name_problem(const std::string& path) {
    if (path.empty()) return "the name is empty";
    if (path.size() > path_bytes_max) return "the name is too long";
    if (path.find('\0') != std::string::npos) return "the name contains a zero byte";
    if (path.front() == '/') return "the name is absolute";
    for (const auto& part : fs::path(path)) {
        if (part == "..") return "the name leaves the folder";
    }
    if (path.back() != '/' && !fs::path(path).lexically_normal().has_filename()) return "the name is that of a folder";
    if (std::count(path.begin(), path.end(), '/') > path_depth_max) return "the name has too many folders";
    return "";
}

/// Returns the canonical form of an entry's name, the key of the tables below: `a/b` for `./a//b/`.
std::string normal(const std::string& path) {
    std::string name = fs::path(path).lexically_normal().string();
    while (name.ends_with('/')) name.pop_back();
    return name == "." ? "" : name;
}

/// Returns the folder of a path: "a" for "a/b", "" for "a".
std::string_view parent_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return path.substr(0, slash == std::string_view::npos ? 0 : slash);
}

// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.7, 4.3.12 and 4.5.3
constexpr std::string_view central_mark = "PK\1\2", local_mark = "PK\3\4";
constexpr std::size_t central_bytes = 46, local_bytes = 30;
constexpr std::uint16_t zip64_id = 1;
constexpr std::uint32_t in_zip64_field = 0xffff'ffff;

/// Returns the little-endian number at an offset; nullopt behind the end.
template <class Number>
std::optional<Number> number_at(std::string_view bytes, std::size_t at) {
    if (at > bytes.size() || bytes.size() - at < sizeof(Number)) return std::nullopt;
    Number number = 0;
    std::memcpy(&number, bytes.data() + at, sizeof number);
    return number;
}

std::string_view part_of(std::string_view bytes, std::uint64_t at, std::uint64_t size) {
    return bytes.substr(std::min<std::uint64_t>(at, bytes.size()), size);
}

/// Sets the values that do not fit into 32 bits from an extra field. Returns false if it lacks one of them.
bool read_zip64_field(std::string_view extra, std::initializer_list<std::uint64_t*> values) {
    for (;;) {
        const auto id = number_at<std::uint16_t>(extra, 0), size = number_at<std::uint16_t>(extra, 2);
        if (!id || !size) return false;
        std::string_view field = part_of(extra, 4, *size);
        extra = part_of(extra, 4 + std::uint64_t{*size}, extra.size());
        if (*id != zip64_id) continue;
        for (std::uint64_t* value : values) {
            if (*value != in_zip64_field) continue;
            const auto number = number_at<std::uint64_t>(field, 0);
            if (!number) return false;
            *value = *number;
            field.remove_prefix(sizeof *number);
        }
        return true;
    }
}

struct Free_Inflater {
    void operator()(libdeflate_decompressor* inflater) const { libdeflate_free_decompressor(inflater); }
};
using Inflater = std::unique_ptr<libdeflate_decompressor, Free_Inflater>;

/// Creates a folder whose parent exists.
Result<void> make_folder(const fs::path& path) {
    if (::mkdir(path.c_str(), 0777) == 0 || errno == EEXIST) return {};
    return file_error("create the folder", path);
}

using Names = std::unordered_set<std::string>;

/// Returns the reason why a link with this target must not be created, or "" if it may be. The target may be anywhere.
std::string_view target_problem(std::string_view target) {
    if (target.empty()) return "is a link without a target";
    if (target.size() >= path_bytes_max) return "is a link with a too long target";
    if (target.find('\0') != std::string_view::npos) return "is a link whose target contains a zero byte";
    return "";
}

/// Returns the reason why an entry cannot be decompressed, or "" if it can be.
std::string compression_problem(unsigned long method) {
    if (method == method_stored || method == method_deflated) return "";
    static const std::map<unsigned long, const char*> names{
        {9, "Deflate64"}, {12, "bzip2"}, {14, "LZMA"}, {93, "Zstandard"}, {95, "xz"}};
    const auto name = names.find(method);
    return fmt::format("it is compressed with {} (method {}), but only deflate (method 8) is supported",
                       name == names.end() ? "an unknown method" : name->second, method);
}

}  // namespace

struct Zip_Reader::Impl {
    ~Impl() {
        if (zip != nullptr) unzClose(zip);
    }

    Result<void> open(std::uint64_t unpacked_bytes_max);
    Result<void> add_current(std::uint64_t unpacked_bytes_max);
    struct Packed;
    Result<std::uint64_t> find_data(const std::string& path) const;
    Result<std::optional<std::uint64_t>> read_zip64(unz_file_info64& info, const std::string& path) const;
    void add(Entry entry, const Packed& data);
    Result<void> find_folders();
    Result<void> add_folders(std::string_view path, const Entry& entry);
    Result<std::string_view> unpack(const Entry& entry, libdeflate_decompressor* inflater, std::string& buffer) const;
    Result<void> write_files(const fs::path& folder, Rights rights) const;
    Names closed_folders() const;

    Mapped_File mapped;
    Memory_File file;
    unzFile zip = nullptr;
    std::vector<Entry> entries;
    struct Packed {
        std::uint64_t offset = 0, size = 0;  // of the data in the zip
        unsigned long method = 0, crc = 0;
    };
    std::vector<Packed> packed;                           // parallel to entries
    std::unordered_map<std::string, std::size_t> leaves;  // files and links, by name: no other entry may be below them
    std::set<std::string, std::less<>> folders;  // all folders of all entries, each after the folder that contains it
    std::uint64_t unpacked = 0;
};

Result<void> Zip_Reader::Impl::open(std::uint64_t unpacked_bytes_max) {
    auto functions = memory_functions(file);
    zip = unzOpen2_64("", &functions);
    if (zip == nullptr) return bad("not a zip file");
    unz_global_info64 info{};
    if (unzGetGlobalInfo64(zip, &info) != UNZ_OK) return bad("the central directory is missing");
    if (info.number_entry > entries_max) return too_many_entries();
    entries.reserve(info.number_entry);
    for (std::uint64_t i = 0; i < info.number_entry; ++i) {
        if ((i == 0 ? unzGoToFirstFile(zip) : unzGoToNextFile(zip)) != UNZ_OK)
            return bad("the central directory is broken");
        OSBOT_TRY(add_current(unpacked_bytes_max));
    }
    return find_folders();
}

Result<void> Zip_Reader::Impl::find_folders() {
    for (const Entry& entry : entries) {
        const std::string path = normal(entry.path);
        if (entry.folder && leaves.contains(path)) return bad("is a duplicate", entry.path);
        OSBOT_TRY(add_folders(entry.folder ? path : parent_of(path), entry));
    }
    return {};
}

/// Adds a folder and those that contain it, up to the first that is known.
Result<void> Zip_Reader::Impl::add_folders(std::string_view path, const Entry& entry) {
    while (!path.empty() && folders.emplace(path).second) {
        if (leaves.contains(std::string(path))) return bad("is below a file or a link", entry.path);
        if (leaves.size() + folders.size() > entries_max) return too_many_entries();
        path = parent_of(path);
    }
    return {};
}

Result<void> Zip_Reader::Impl::add_current(std::uint64_t unpacked_bytes_max) {
    unz_file_info64 info{};
    std::string path(path_bytes_max + 1, '\0');
    if (unzGetCurrentFileInfo64(zip, &info, path.data(), path.size(), nullptr, 0, nullptr, 0) != UNZ_OK)
        return bad("the central directory is broken");
    path.resize(std::min<std::size_t>(info.size_filename, path.size()));
    if (const auto problem = name_problem(path); !problem.empty()) return bad(problem, fmt::format("'{}'", path));
    if ((info.flag & encrypted_flag) != 0) return bad("is encrypted", path);
    if (const std::string problem = compression_problem(info.compression_method); !problem.empty())
        return Error{"UnsupportedZip", fmt::format("{}: {}", path, problem), 0};

    OSBOT_TRY(auto offset, read_zip64(info, path));
    if (info.compressed_size > file.bytes.size()) return bad("is longer than the zip", path);

    Entry entry{.path = path, .size = info.uncompressed_size, .folder = path.back() == '/', .index = entries.size()};
    const auto mode = static_cast<mode_t>(info.version >> 8 == made_by_unix ? info.external_fa >> 16 : 0);
    entry.symlink = S_ISLNK(mode);
    entry.executable = (mode & 0111) != 0 && !entry.symlink;
    const bool has_mode = (mode & 07777) != 0;
    entry.readable_by_others = !has_mode || (mode & S_IROTH) != 0;
    entry.executable_by_others = has_mode ? (mode & S_IXOTH) != 0 : entry.folder;
    if (mode != 0 && !S_ISLNK(mode) && !S_ISREG(mode) && !S_ISDIR(mode) && (mode & S_IFMT) != 0)
        return bad("is not a file, a folder or a link", path);

    if (entry.symlink && entry.folder) return bad("is a link with the name of a folder", path);
    // The header is wrong, or the file is a zip bomb: deflate compresses at most 1032:1.
    if (info.uncompressed_size > info.compressed_size * 1040 + 1024)
        return bad("declares a size that its compressed data cannot reach", path);
    unpacked += info.uncompressed_size;
    if (unpacked > unpacked_bytes_max)
        return local_error("ZipTooLarge", "unpacks to more than {} bytes", unpacked_bytes_max);
    if (!offset) { OSBOT_TRY(offset, find_data(path)); }
    add(std::move(entry), {*offset, info.compressed_size, info.compression_method, info.crc});
    return {};
}

/// Returns the offset of the current entry's data.
Result<std::uint64_t> Zip_Reader::Impl::find_data(const std::string& path) const {
    int method = 0, level = 0;
    if (unzOpenCurrentFile2(zip, &method, &level, 1) != UNZ_OK) return not_at_its_offset(path);
    const std::uint64_t offset = unzGetCurrentFileZStreamPos64(zip);
    unzCloseCurrentFile(zip);
    return offset;
}

/// Sets the sizes of an entry with 64-bit values, and returns the offset of its data; nullopt for other entries.
/// minizip 1.1 does not read these values on 64-bit hosts, and minizip 1.3 does, so both are read from the header.
Result<std::optional<std::uint64_t>> Zip_Reader::Impl::read_zip64(unz_file_info64& info,
                                                                  const std::string& path) const {
    const std::uint64_t at = unzGetOffset64(zip);
    const std::string_view header = part_of(file.bytes, at, central_bytes);
    std::uint64_t packed_size = number_at<std::uint32_t>(header, 20).value_or(0);
    std::uint64_t size = number_at<std::uint32_t>(header, 24).value_or(0);
    std::uint64_t offset = number_at<std::uint32_t>(header, 42).value_or(0);
    const bool is_zip64 = size == in_zip64_field || packed_size == in_zip64_field || offset == in_zip64_field;
    if (!is_zip64 || !header.starts_with(central_mark)) return std::optional<std::uint64_t>();
    const std::string_view extra = part_of(file.bytes, at + central_bytes + info.size_filename, info.size_file_extra);
    if (!read_zip64_field(extra, {&size, &packed_size, &offset})) return bad("has no valid zip64 field", path);
    const std::string_view local = part_of(file.bytes, offset, local_bytes);
    const auto name_size = number_at<std::uint16_t>(local, 26), extra_size = number_at<std::uint16_t>(local, 28);
    if (!local.starts_with(local_mark) || !name_size || !extra_size) return not_at_its_offset(path);
    info.uncompressed_size = size;
    info.compressed_size = packed_size;
    return std::optional(offset + local_bytes + *name_size + *extra_size);
}

/// Adds an entry. A file or a link replaces an earlier one of the same name, as on Lambda.
void Zip_Reader::Impl::add(Entry entry, const Packed& data) {
    if (!entry.folder) {
        const auto [known, is_new] = leaves.try_emplace(normal(entry.path), entries.size());
        if (!is_new) {
            entry.index = known->second;
            unpacked -= entries[entry.index].size;
            entries[entry.index] = std::move(entry);
            packed[known->second] = data;
            return;
        }
    }
    packed.push_back(data);
    entries.push_back(std::move(entry));
}

Zip_Reader::Zip_Reader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Zip_Reader::~Zip_Reader() = default;
Zip_Reader::Zip_Reader(Zip_Reader&&) noexcept = default;
Zip_Reader& Zip_Reader::operator=(Zip_Reader&&) noexcept = default;

Result<Zip_Reader> Zip_Reader::open_bytes(std::string_view bytes, std::uint64_t unpacked_bytes_max) {
    auto impl = std::make_unique<Impl>();
    impl->file.bytes = bytes;
    OSBOT_TRY(impl->open(unpacked_bytes_max));
    return Zip_Reader(std::move(impl));
}

Result<Zip_Reader> Zip_Reader::open_file(const fs::path& file, std::uint64_t unpacked_bytes_max) {
    OSBOT_TRY(auto mapped, Mapped_File::open(file));
    auto impl = std::make_unique<Impl>();
    impl->mapped = std::move(mapped);
    impl->file.bytes = impl->mapped.bytes();
    OSBOT_TRY(impl->open(unpacked_bytes_max));
    return Zip_Reader(std::move(impl));
}

const std::vector<Zip_Reader::Entry>& Zip_Reader::entries() const { return impl_->entries; }
std::uint64_t Zip_Reader::unpacked_bytes() const { return impl_->unpacked; }

Result<std::string> Zip_Reader::read(const Entry& entry) const {
    const Inflater inflater(libdeflate_alloc_decompressor());
    std::string buffer;
    OSBOT_TRY(const auto bytes, impl_->unpack(entry, inflater.get(), buffer));
    return buffer.empty() ? std::string(bytes) : std::move(buffer);
}

/// Returns the bytes of an entry: a view into the zip if the entry is stored, else a view into `buffer`, which receives
/// the inflated bytes.
Result<std::string_view> Zip_Reader::Impl::unpack(const Entry& entry, libdeflate_decompressor* inflater,
                                                  std::string& buffer) const {
    const auto& [offset, packed_size, method, crc] = packed.at(entry.index);
    if (offset > file.bytes.size() || packed_size > file.bytes.size() - offset) return bad("is truncated", entry.path);
    const std::string_view data = file.bytes.substr(offset, packed_size);
    std::string_view bytes = data;
    if (method != method_stored) {
        buffer.resize(entry.size);
        // Without an out-parameter for the size, libdeflate fails unless the result has exactly entry.size bytes, so a
        // wrong header cannot make this use more memory.
        if (libdeflate_deflate_decompress(inflater, data.data(), data.size(), buffer.data(), buffer.size(), nullptr) !=
            LIBDEFLATE_SUCCESS)
            return bad("cannot be decompressed", entry.path);
        bytes = buffer;
    }
    if (bytes.size() != entry.size || libdeflate_crc32(0, bytes.data(), bytes.size()) != crc)
        return bad("has a wrong checksum", entry.path);
    return bytes;
}

/// Returns the folders that users other than the owner cannot enter, and all folders below them.
Names Zip_Reader::Impl::closed_folders() const {
    Names closed;
    for (const Entry& entry : entries)
        if (entry.folder && !entry.executable_by_others) closed.insert(normal(entry.path));
    if (closed.empty()) return closed;
    for (const std::string& folder : folders)  // each after the folder that contains it
        if (closed.contains(std::string(parent_of(folder)))) closed.insert(folder);
    return closed;
}

/// Returns the mode of an extracted file. Folders are always open, because the engine deletes the files in them.
mode_t mode_of(const Zip_Reader::Entry& entry, Zip_Reader::Rights rights, bool closed) {
    if (rights == Zip_Reader::Rights::of_owner) return entry.executable ? 0755 : 0644;
    const bool readable = entry.readable_by_others && !closed, executable = entry.executable_by_others && !closed;
    return (readable ? 0644 : 0) | (executable ? 0111 : 0);
}

/// Creates all folders and writes all files, on several threads because a deployment waits for this.
Result<void> Zip_Reader::Impl::write_files(const fs::path& folder, Rights rights) const {
    const Names closed = rights == Rights::of_others ? closed_folders() : Names{};
    for (const std::string& name : folders) OSBOT_TRY(make_folder(folder / name));
    std::vector<const Entry*> files;
    for (const Entry& entry : entries)
        if (!entry.symlink && !entry.folder) files.push_back(&entry);
    // The largest files first, so that all threads finish at about the same time.
    std::sort(files.begin(), files.end(), [](const Entry* a, const Entry* b) { return a->size > b->size; });

    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    std::optional<Error> error;
    const auto write_entry = [&](const Entry& entry, libdeflate_decompressor* inflater,
                                 std::string& buffer) -> Result<void> {
        OSBOT_TRY(const auto bytes, unpack(entry, inflater, buffer));
        const fs::path path = folder / normal(entry.path);
        OSBOT_TRY(write_file(path, bytes));
        const mode_t mode = mode_of(entry, rights, closed.contains(std::string(parent_of(normal(entry.path)))));
        if (mode != 0644 && ::chmod(path.c_str(), mode) != 0) return file_error("set the mode of", path);
        return {};
    };
    const auto work = [&] {
        const Inflater inflater(libdeflate_alloc_decompressor());
        std::string buffer;
        for (std::size_t i; (i = next++) < files.size();) {
            const auto written = write_entry(*files[i], inflater.get(), buffer);
            if (written) continue;
            const std::lock_guard lock(mutex);
            if (!error) error = written.error();
            next = files.size();
        }
    };
    const std::size_t threads_useful =
        unpacked < parallel_bytes_min ? 1 : std::min<std::size_t>(files.size(), threads_max);
    std::vector<std::thread> threads;
    for (std::size_t i = 1; i < std::min<std::size_t>(threads_useful, std::thread::hardware_concurrency()); ++i)
        threads.emplace_back(work);
    work();
    for (std::thread& thread : threads) thread.join();
    return error ? Result<void>(*error) : Result<void>();
}

Result<void> Zip_Reader::extract_to(const fs::path& folder, Rights rights) const {
    std::vector<std::pair<fs::path, std::string>> links;  // path, target: checked before anything is written
    for (const Entry& entry : entries()) {
        if (!entry.symlink) continue;
        OSBOT_TRY(auto target, read(entry));
        if (const auto problem = target_problem(target); !problem.empty()) return bad(problem, entry.path);
        links.emplace_back(folder / normal(entry.path), std::move(target));
    }
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return local_error("FileError", "cannot create {}: {}", folder.string(), error.message());
    OSBOT_TRY(impl_->write_files(folder, rights));
    for (const auto& [path, target] : links) {
        if (::symlink(target.c_str(), path.c_str()) != 0) return file_error("create the link", path);
    }
    return {};
}

}  // namespace osbot_aws::base
