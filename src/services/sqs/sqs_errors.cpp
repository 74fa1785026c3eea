#include "services/sqs/sqs_errors.hpp"

#include <fmt/format.h>

namespace osbot_aws::services {

Error invalid_value(std::string message) { return {"InvalidParameterValue", std::move(message)}; }

Error invalid_parameter(std::string_view name, std::string_view value, std::string_view reason) {
    return invalid_value(fmt::format("Value {} for parameter {} is invalid. Reason: {}", value, name, reason));
}

Error invalid_tag_key() { return invalid_value("Tag keys must be between 1 and 128 characters in length."); }

Error missing_parameter(std::string_view name) {
    return {"MissingParameter", fmt::format("The request must contain the parameter {}.", name)};
}

Error wrong_queue_type(std::string_view name, std::string_view value) {
    return invalid_parameter(name, value,
                             "The request include parameter that is not valid for this queue type.");  // as AWS has it
}

Error no_such_queue() { return {"QueueDoesNotExist", "The specified queue does not exist."}; }

Error no_such_resource(std::string_view parameter) {
    return {"ResourceNotFoundException",
            fmt::format("The resource that you specified for the {} parameter doesn't exist.", parameter), 404};
}

Error invalid_handle(std::string_view handle) {
    return {"ReceiptHandleIsInvalid",
            fmt::format("The input receipt handle \"{}\" is not a valid receipt handle.", handle)};
}

}  // namespace osbot_aws::services
