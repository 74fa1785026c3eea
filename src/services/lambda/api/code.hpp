#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "services/context.hpp"
#include "services/lambda/zips.hpp"
#include "services/operations.hpp"
#include "wire/http.hpp"

namespace osbot_aws::services {

struct Lambda_Front;

/// Temporary download links of zips.
class Code_Links {
public:
    static constexpr std::string_view path = "/_osbot/code/";

    explicit Code_Links(services::Context& context);
    std::string link(std::string_view zip_sha256) const;
    /// Returns the zip of a link.
    wire::Response download(std::string_view token) const;

private:
    services::Context& context_;
    std::string secret_;
};

/// Creates the function or layer version with this code. Called on the loop.
using With_Code = std::function<Result<Json>(const Call& call, services::Code_Source code)>;

/// Checks and stores the zip of a call on a worker: the blob of the request, or the object in a bucket that it names.
/// Then passes the result of `run` to `answer`. `part`: the member of the input with the code; "" is the input itself.
void run_with_code(Lambda_Front& front, Call&& call, const Answer& answer, std::string_view part, With_Code run);

}  // namespace osbot_aws::services
