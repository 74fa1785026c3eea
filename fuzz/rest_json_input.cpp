// Requests of REST-JSON, the protocol of Lambda: path, query, headers and document, also with a large blob.
#include "base/encoding.hpp"
#include "model_input.hpp"

using namespace osbot_aws;

namespace {

const aws::Service& model() { return aws::lambda_model(); }

/// Replaces the first string in an input that is the base64 of the blob by null. Returns true if there is one.
bool remove_blob(Json& input, const std::string& blob) {
    for (Json& value : input) {
        if (value.is_structured() && remove_blob(value, blob)) return true;
        if (!value.is_string() || base::base64_decode(value.get_ref<const std::string&>()) != blob) continue;
        value = nullptr;
        return true;
    }
    return false;
}

/// The reader that takes the blob out of the text must agree with the one that parses the whole document.
void check_blob(const wire::Request& request, const Json& input) {
    const aws::Route route = aws::find_route(model(), request);
    if (!aws::has_blob(model(), model().shape(route.operation->input))) return;
    const auto parts = aws::read_input_with_blob(model(), route, request);
    if (!parts) return;  // the blob is not base64
    if (!parts->blob) return require(parts->input == input);
    Json rest = input;
    require(remove_blob(rest, *parts->blob));
}

}  // namespace

std::vector<std::string> seeds() { return fuzz::contract_blocks_of(model()); }

void run_target(std::string_view bytes) {
    for (const fuzz::Step& step : fuzz::parse_steps(bytes))
        if (const auto input = fuzz::read_request(model(), step.request)) check_blob(step.request, *input);
}
