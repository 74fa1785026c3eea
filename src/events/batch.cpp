#include "events/batch.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>

namespace osbot_aws::events {

bool succeeds(std::string_view kind, std::string_view id, const std::function<void()>& process) try {
    process();
    return true;
} catch (const std::exception& error) {
    std::fputs(fmt::format("{} {} failed: {}\n", kind, id, error.what()).c_str(), stderr);
    return false;
}

void from_json(const Json& json, Batch_Response& response) {
    response = {};
    for (const Json& item : json.at("batchItemFailures"))
        response.batchItemFailures.push_back(item.at("itemIdentifier").get<std::string>());
}
void to_json(Json& json, const Batch_Response& response) {
    json = {{"batchItemFailures", Json::array()}};
    for (const std::string& id : response.batchItemFailures)
        json["batchItemFailures"].push_back({{"itemIdentifier", id}});
}

}  // namespace osbot_aws::events
