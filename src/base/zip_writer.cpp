#include "base/zip_writer.hpp"

#include <fmt/format.h>
#include <libdeflate.h>

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "base/files.hpp"
#include "base/local_error.hpp"

namespace osbot_aws::base {
namespace {

// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
constexpr std::uint32_t local_signature = 0x04034b50, central_signature = 0x02014b50, end_signature = 0x06054b50;
constexpr std::uint16_t version_needed = 20, version_made_by = 3 << 8 | 20, utf8_names = 1 << 11;
constexpr std::uint16_t stored_method = 0, deflated_method = 8;
constexpr std::uint16_t dos_date_1980 = 1 << 5 | 1;
constexpr int compression_level = 6;
constexpr std::uint64_t zip_bytes_max = 0xffff'ffff;
constexpr std::size_t zip_entries_max = 0xffff;

struct Free_Compressor {
    void operator()(libdeflate_compressor* compressor) const { libdeflate_free_compressor(compressor); }
};
using Compressor = std::unique_ptr<libdeflate_compressor, Free_Compressor>;

/// Reads and packs one entry; it is stored without compression if `compressor` is null.
Result<Packed_Ptr> pack(const Zip_Entry& entry, libdeflate_compressor* compressor) {
    std::string bytes = entry.bytes;
    if (!entry.file.empty()) { OSBOT_TRY(bytes, read_file(entry.file)); }
    if (bytes.size() > zip_bytes_max) return local_error("ZipTooLarge", "{} is larger than 4 GiB", entry.path);
    Packed_Entry packed{.data = {},
                        .crc = libdeflate_crc32(0, bytes.data(), bytes.size()),
                        .size = static_cast<std::uint32_t>(bytes.size())};
    if (compressor != nullptr && !bytes.empty()) {
        packed.data.resize(bytes.size());  // compression fails if the result would be larger than the input
        const std::size_t size =
            libdeflate_deflate_compress(compressor, bytes.data(), bytes.size(), packed.data.data(), packed.data.size());
        if (size > 0) {
            packed.data.resize(size);
            packed.deflated = true;
            return std::make_shared<const Packed_Entry>(std::move(packed));
        }
    }
    packed.data = std::move(bytes);
    return std::make_shared<const Packed_Entry>(std::move(packed));
}

template <class Int>
void put(std::string& out, Int value) {
    for (std::size_t i = 0; i < sizeof value; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
}

void put_common(std::string& out, const Zip_Entry& entry, const Packed_Entry& packed) {
    put(out, version_needed);
    put(out, utf8_names);
    put(out, packed.deflated ? deflated_method : stored_method);
    put(out, std::uint16_t{0});  // midnight
    put(out, dos_date_1980);
    put(out, packed.crc);
    put(out, static_cast<std::uint32_t>(packed.data.size()));
    put(out, packed.size);
    put(out, static_cast<std::uint16_t>(entry.path.size()));
    put(out, std::uint16_t{0});  // no extra field
}

std::uint32_t unix_mode(const Zip_Entry& entry) {
    if (entry.symlink) return 0120777;
    return entry.executable ? 0100755 : 0100644;
}

Result<std::vector<Packed_Ptr>> pack_all(const std::vector<Zip_Entry>& entries) {
    std::vector<Packed_Ptr> packed(entries.size());
    std::vector<std::optional<Error>> errors(entries.size());
    std::atomic<std::size_t> next{0};
    auto work = [&] {
        const Compressor compressor(libdeflate_alloc_compressor(compression_level));
        for (std::size_t i; (i = next++) < entries.size();) {
            auto packed_entry = pack(entries[i], compressor.get());
            if (packed_entry)
                packed[i] = std::move(*packed_entry);
            else
                errors[i] = packed_entry.error();
        }
    };
    const std::size_t helpers =
        std::min<std::size_t>(std::max(std::thread::hardware_concurrency(), 1u), entries.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 1; i < helpers; ++i) threads.emplace_back(work);
    work();
    for (auto& thread : threads) thread.join();
    for (auto& error : errors) {
        if (error) return *error;
    }
    return packed;
}

}  // namespace

Result<Packed_Ptr> pack_entry(const Zip_Entry& entry, Compression compression) {
    const Compressor compressor(compression == Compression::none ? nullptr
                                                                 : libdeflate_alloc_compressor(compression_level));
    return pack(entry, compressor.get());
}

Result<std::string> write_zip(const std::vector<Zip_Entry>& entries) {
    OSBOT_TRY(auto packed, pack_all(entries));
    return write_zip(entries, std::move(packed));
}

Result<std::string> write_zip(const std::vector<Zip_Entry>& entries, std::vector<Packed_Ptr> packed) {
    if (entries.size() > zip_entries_max)
        return local_error("ZipTooLarge", "a zip cannot contain {} files: the limit is {}", entries.size(),
                           zip_entries_max);
    std::size_t total = 22;
    for (std::size_t i = 0; i < entries.size(); ++i) total += 76 + 2 * entries[i].path.size() + packed[i]->data.size();
    if (total > zip_bytes_max) return local_error("ZipTooLarge", "the zip would be larger than 4 GiB");

    std::string zip, central;
    zip.reserve(total);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const auto offset = static_cast<std::uint32_t>(zip.size());
        put(zip, local_signature);
        put_common(zip, entries[i], *packed[i]);
        zip += entries[i].path;
        zip += packed[i]->data;
        packed[i].reset();

        put(central, central_signature);
        put(central, version_made_by);
        put(central, version_needed);
        central.append(zip, offset + 6, 24);  // flags to extra length, as in the local header
        put(central, std::uint16_t{0});       // no comment
        put(central, std::uint16_t{0});       // disk
        put(central, std::uint16_t{0});       // internal attributes
        put(central, unix_mode(entries[i]) << 16);
        put(central, offset);
        central += entries[i].path;
    }
    const auto central_offset = static_cast<std::uint32_t>(zip.size());
    const auto count = static_cast<std::uint16_t>(entries.size());
    zip += central;
    put(zip, end_signature);
    put(zip, std::uint16_t{0});
    put(zip, std::uint16_t{0});
    put(zip, count);
    put(zip, count);
    put(zip, static_cast<std::uint32_t>(central.size()));
    put(zip, central_offset);
    put(zip, std::uint16_t{0});
    return zip;
}

}  // namespace osbot_aws::base
