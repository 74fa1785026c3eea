#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/input.hpp"
#include "aws/models/models.hpp"
#include "aws/routes.hpp"
#include "aws/validation.hpp"
#include "fuzz.hpp"
#include "request_steps.hpp"

namespace osbot_aws::fuzz {

inline std::array<const aws::Service*, 6> all_models() {
    return {&aws::iam_model(), &aws::lambda_model(), &aws::logs_model(),
            &aws::s3_model(),  &aws::sqs_model(),    &aws::sts_model()};
}

/// Returns true if a value has the type of its shape, and each member is in the model.
inline bool fits(const aws::Service& service, const aws::Shape& shape, const Json& value) {
    using aws::Type;
    const auto all_fit = [&] {
        return std::ranges::all_of(value, [&](const Json& each) {
            return each.is_null() || fits(service, service.shape(service.item_of(shape)), each);
        });
    };
    switch (shape.type) {
        case Type::structure:
            return value.is_object() && std::ranges::all_of(value.items(), [&](const auto& entry) {
                       const aws::Member* member = service.find_member(shape, entry.key());
                       return member != nullptr && fits(service, service.shape(*member), entry.value());
                   });
        case Type::list:
            return value.is_array() && all_fit();
        case Type::map:
            return value.is_object() && all_fit();
        case Type::boolean:
            return value.is_boolean();
        case Type::integer:
            return value.is_number_integer();
        case Type::floating:
            return value.is_number();
        case Type::timestamp:
            return value.is_number() || value.is_string();
        default:
            return value.is_string();
    }
}

/// Reads and validates the input of a request. Returns nothing if it is not a request of an operation, or an error.
inline std::optional<Json> read_request(const aws::Service& service, const wire::Request& request) {
    const aws::Route route = aws::find_route(service, request);
    if (route.operation == nullptr || route.operation->input == aws::no_index) return std::nullopt;
    aws::Error_Details details;
    const auto input = aws::read_input(service, route, request, &details);
    const auto again = aws::read_input(service, route, request);
    require(input.has_value() == again.has_value());
    if (!input) {
        require(!input.error().code.empty() && !input.error().message.empty());
        return std::nullopt;
    }
    require(*input == *again);
    require(fits(service, service.shape(route.operation->input), *input));
    if (const auto error = aws::validate(service, *route.operation, *input)) require(!error->message.empty());
    return *input;
}

/// Returns the requests in tests/contract/data that this service has an operation for.
inline std::vector<std::string> contract_blocks_of(const aws::Service& service) {
    std::vector<std::string> blocks;
    for (const std::string& block : contract_blocks()) {
        const auto is_of_service = [&](const Step& step) {
            const aws::Route route = aws::find_route(service, step.request);
            return route.operation != nullptr && route.operation->input != aws::no_index;
        };
        if (std::ranges::any_of(parse_steps(block), is_of_service)) blocks.push_back(block);
    }
    return blocks;
}

}  // namespace osbot_aws::fuzz
