// Text in requests: queries, forms, XML, base64, hexadecimal digits, percent-encoding and UTF-8.
#include "aws/input.hpp"
#include "aws/models/models.hpp"
#include "base/encoding.hpp"
#include "base/utf8.hpp"
#include "fuzz.hpp"
#include "wire/request_text.hpp"

using namespace osbot_aws;

namespace {

void check_form(std::string_view bytes) {
    wire::Request request{.method = "POST", .target = "/", .headers = {}, .body = std::string(bytes)};
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    const aws::Service& iam = aws::iam_model();
    const auto tags = aws::read_input(iam, {iam.find_operation("TagRole"), {}}, request);
    const auto keys = aws::read_input(iam, {iam.find_operation("UntagRole"), {}}, request);
    require(!tags || tags->value("Tags", Json::array()).size() <= bytes.size());
    require(!keys || keys->value("TagKeys", Json::array()).size() <= bytes.size());
    for (const bool is_form : {true, false}) (void)wire::non_utf8_part(request, is_form);
}

void check_query(std::string_view bytes) {
    std::size_t size = 0;
    for (const auto& [name, value] : wire::parse_query(bytes)) {
        require(wire::percent_decode(wire::percent_encode(name)) == name);
        size += name.size() + value.size();
    }
    require(size <= bytes.size());
}

void check_encodings(std::string_view bytes) {
    require(wire::percent_decode(wire::percent_encode(bytes)) == bytes);
    require(wire::percent_decode(bytes).size() <= bytes.size());
    require(base::base64_decode(base::base64_encode(bytes)) == bytes);
    require(base::hex_decode(base::hex_encode(bytes)) == bytes);
    if (const auto decoded = base::base64_decode(bytes))
        require(base::base64_decode(base::base64_encode(*decoded)) == decoded);
    if (base::is_utf8(bytes)) require(base::is_utf8(std::string(bytes) + "\xf0\x9f\x98\x80"));
}

}  // namespace

std::vector<std::string> seeds() {
    std::string tags = "Action=CreateRole";
    for (int number = 1; number <= 2000; ++number)
        tags += "&Tags.member." + std::to_string(number) + ".Key=k&Tags.member." + std::to_string(number) + ".Value=v";
    return {tags, repeated(5000, "%41"), repeated(5000, "a&"), repeated(3000, "Tags.member.1.Key=a&")};
}

void run_target(std::string_view bytes) {
    check_query(bytes);
    check_form(bytes);
    check_encodings(bytes);
    require_linear_time(bytes, check_form);
    require_linear_time(bytes, check_query);
}
