#include <osbot_aws/events/Logs_Event.hpp>

#include <fmt/format.h>
#include <libdeflate.h>

#include <memory>

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "events/members.hpp"

namespace osbot_aws::events {
namespace {

constexpr std::size_t unzipped_bytes_max = 16 << 20;
constexpr std::size_t first_buffer_bytes = 256 << 10;
constexpr int compression_level = 6;

constexpr auto log_event_members = [](auto& visit, auto& event) {
    visit("id", event.id);
    visit("timestamp", event.timestamp);
    visit("message", event.message);
    visit("extractedFields", event.extractedFields);
};

constexpr auto logs_data_members = [](auto& visit, auto& data) {
    visit("messageType", data.messageType);
    visit("owner", data.owner);
    visit("logGroup", data.logGroup);
    visit("logStream", data.logStream);
    visit("subscriptionFilters", data.subscriptionFilters);
    visit("logEvents", data.logEvents);
};

/// Decompresses a gzip file. The buffer grows until the content fits, because the size in the file may be wrong.
std::string gunzip(const std::string& file) {
    const std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> decompressor(
        libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
    std::string content;
    for (std::size_t size = first_buffer_bytes; size <= unzipped_bytes_max; size *= 4) {
        content.resize(size);
        std::size_t unzipped = 0;
        const auto result = libdeflate_gzip_decompress(decompressor.get(), file.data(), file.size(), content.data(),
                                                       content.size(), &unzipped);
        content.resize(unzipped);
        if (result == LIBDEFLATE_SUCCESS) return content;
        if (result != LIBDEFLATE_INSUFFICIENT_SPACE) fail_invalid_event("awslogs.data is not a gzip file");
    }
    fail_invalid_event(fmt::format("awslogs.data has more than {} bytes unzipped", unzipped_bytes_max));
}

std::string gzip(const std::string& content) {
    const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
        libdeflate_alloc_compressor(compression_level), &libdeflate_free_compressor);
    std::string file(libdeflate_gzip_compress_bound(compressor.get(), content.size()), '\0');
    file.resize(libdeflate_gzip_compress(compressor.get(), content.data(), content.size(), file.data(), file.size()));
    return file;
}

Logs_Data decode(const std::string& encoded) {
    const auto file = base::base64_decode(encoded);
    if (!file) fail_invalid_event("awslogs.data is not base64");
    Logs_Data data;
    from_json(parse_body(gunzip(*file), "awslogs.data"), data);
    return data;
}

}  // namespace

void from_json(const Json& json, Log_Event& event) { read_members(json, event, log_event_members); }
void to_json(Json& json, const Log_Event& event) { write_members(json, event, log_event_members); }

void from_json(const Json& json, Logs_Data& data) { read_members(json, data, logs_data_members); }
void to_json(Json& json, const Logs_Data& data) { write_members(json, data, logs_data_members); }

void from_json(const Json& json, Logs_Event& event) {
    const auto awslogs = json.find("awslogs");
    if (awslogs == json.end() || !awslogs->is_object() || !awslogs->contains("data") ||
        !awslogs->at("data").is_string())
        fail_invalid_event("expected an event of CloudWatch Logs, but awslogs.data is not a text");
    event = {};
    event.other = json;
    event.awslogs.encoded = awslogs->at("data").get<std::string>();
    event.awslogs.data = decode(event.awslogs.encoded);
    event.other["awslogs"].erase("data");
}

void to_json(Json& json, const Logs_Event& event) {
    const auto& [data, encoded] = event.awslogs;
    json = event.other;
    const bool unchanged = !encoded.empty() && decode(encoded) == data;
    json["awslogs"]["data"] = unchanged ? encoded : base::base64_encode(gzip(base::dump_json(Json(data))));
}

}  // namespace osbot_aws::events
