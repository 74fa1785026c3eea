#include "services/iam/api/page.hpp"

#include <algorithm>
#include <cassert>

#include "base/encoding.hpp"
#include "base/numbers.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::int64_t page_size_default = 100;
constexpr std::string_view marker_prefix = "after:";

/// Returns the place in a marker, or nothing if this engine did not make the marker.
std::optional<std::string> place_in(const std::string& marker) {
    const auto text = base::base64_decode(marker);
    if (!text || !text->starts_with(marker_prefix)) return std::nullopt;
    return text->substr(marker_prefix.size());
}

}  // namespace

Json iam_tags_json(const Tags& tags) {
    Json list = Json::array();
    for (const auto& [key, value] : tags) list.push_back({{"Key", key}, {"Value", value}});
    return list;
}

Result<Json> iam_tag_page(const Call& call, const Tags& tags) {
    auto by_key = tags;
    std::ranges::sort(by_key);
    Iam_Page page(call, "Tags");
    for (const auto& tag : by_key) page.add(tag.first, [&] { return iam_tags_json({tag})[0]; });
    return std::move(page).output();
}

Iam_Page::Iam_Page(const Call& call, const char* member)
    : output_{{member, Json::array()}, {"IsTruncated", false}},
      member_(member),
      size_max_(static_cast<std::size_t>(call.fields().number("MaxItems").value_or(page_size_default))) {
    const auto marker = call.fields().text("Marker");
    if (!marker) return;
    after_ = place_in(*marker);
    has_valid_marker_ = after_.has_value();
}

void Iam_Page::add(std::size_t position, const std::function<Json()>& item) {
    constexpr std::size_t digits_max = 10;
    const std::string digits = std::to_string(position);
    add(std::string(digits_max - digits.size(), '0') + digits, item);
}

void Iam_Page::add_to(const char* member, const std::string& place, const std::function<Json()>& item) {
    assert(place >= previous_);  // else the next page would skip the item
    previous_ = place;
    if (after_ && place <= *after_) return;
    if (size_ < size_max_) {
        output_[member].push_back(item());
        ++size_;
        last_ = place;
    } else {
        output_["IsTruncated"] = true;
    }
}

Result<Json> Iam_Page::output() && {
    if (!has_valid_marker_) return Error{"ValidationError", "Invalid Marker.", 400};
    if (output_.at("IsTruncated").get<bool>())
        output_["Marker"] = base::base64_encode(std::string(marker_prefix) + last_);
    return std::move(output_);
}

}  // namespace osbot_aws::services
