// Inputs of all services against the constraints of their models. The first line is the operation; the rest is a
// document, or a text for each string.
#include "aws/exceptions.hpp"
#include "base/json.hpp"
#include "base/utf8.hpp"
#include "model_input.hpp"

using namespace osbot_aws;

namespace {

struct Tested {
    const aws::Service* service = nullptr;
    const aws::Operation* operation = nullptr;
};

/// Finds the operation of a line: "sqs SendMessage".
Tested find(std::string_view line) {
    for (const aws::Service* service : fuzz::all_models()) {
        if (!line.starts_with(service->name) || line.size() <= std::string_view(service->name).size()) continue;
        const auto* operation = service->find_operation(line.substr(std::string_view(service->name).size() + 1));
        if (operation != nullptr && operation->input != aws::no_index) return {service, operation};
    }
    return {};
}

/// Returns true if a constraint of the model that has no exception is violated: a rough version of the validator.
bool is_certainly_invalid(const Tested& tested, const Json& input) {
    const aws::Service& service = *tested.service;
    const aws::Shape& shape = service.shape(tested.operation->input);
    return std::ranges::any_of(service.members_of(shape), [&](const aws::Member& member) {
        const aws::Shape& of_member = service.shape(member);
        if (aws::find_exception(service, shape, member) != nullptr) return false;
        const auto value = input.find(member.name);
        if (value == input.end()) return member.has(aws::required);
        const aws::Rule* rule = service.rule_of(of_member);
        if (rule == nullptr || aws::find_exception(service, of_member) != nullptr || !value->is_string()) return false;
        const std::size_t bytes = value->get_ref<const std::string&>().size();
        return rule->max < 100'000 && bytes > 6 * static_cast<std::size_t>(rule->max);  // UTF-8 and base64
    });
}

void check(const Tested& tested, const Json& input) {
    const auto error = aws::validate(*tested.service, *tested.operation, input);
    const auto protocol = tested.service->protocol;
    const bool by_model = protocol != aws::Protocol::json10 && aws::checks_constraints(*tested.service);
    if (!error) return require(!by_model || !is_certainly_invalid(tested, input));
    require(base::is_utf8(error->message));
    if (by_model) require(error->message.find(" failed to satisfy constraint: ") != std::string::npos);
}

/// Returns an input with the text as each of its strings.
Json with_text(const Tested& tested, std::string_view text) {
    Json input = Json::object();
    for (const aws::Member& member : tested.service->members_of(tested.service->shape(tested.operation->input)))
        if (tested.service->shape(member).type == aws::Type::string) input[member.name] = text;
    return input;
}

}  // namespace

std::vector<std::string> seeds() {
    std::vector<std::string> all;
    for (const aws::Service* service : fuzz::all_models())
        for (const aws::Operation& operation : service->operations)
            if (operation.input != aws::no_index)
                all.push_back(std::string(service->name) + " " + operation.name + "\narn:aws:iam::000000000000:role/a");
    return all;
}

void run_target(std::string_view bytes) {
    const auto [line, text] = first_line_and_rest(bytes);
    const Tested tested = find(line);
    if (tested.operation == nullptr || !base::is_utf8(text)) return;
    const Json document = base::parse_json(text);
    if (document.is_object()) {
        const auto input = aws::read_json(*tested.service, tested.service->shape(tested.operation->input), document);
        if (input) check(tested, *input);
    }
    check(tested, with_text(tested, text));
    require_linear_time(text, [&](std::string_view longer) {
        (void)aws::validate(*tested.service, *tested.operation, with_text(tested, longer));
    });
}
