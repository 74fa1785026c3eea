#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "base/result.hpp"

namespace osbot_aws::engine {

/// The services of the engine, by the name in a signature's scope.
inline constexpr std::array<std::string_view, 6> engine_services{"iam", "lambda", "logs", "s3", "sqs", "sts"};

/// A service that another endpoint provides, such as moto's server: `osbot local start --forward SERVICE=URL`.
struct Forward {
    std::string service;  ///< the name in a signature's scope; "*": every service that the engine lacks
    std::string url;      ///< http://host:port, without a path
    std::string host;     ///< a name or an address, without brackets
    std::uint16_t port = 0;
};
using Forwards = std::map<std::string, Forward, std::less<>>;  ///< by service

constexpr std::string_view any_service = "*";

/// Returns true for a name that a signature's scope may contain: "cognito-idp".
bool is_service_name(std::string_view text);
/// Returns true for the addresses that requests may be forwarded to: loopback and private ones. Requests contain
/// credentials, and the connection is not encrypted.
bool is_local_address(std::string_view address);

/// Parses the values of `--forward`. Rejects services of the engine, two URLs for one service, and endpoints of AWS or
/// with a public address. Errors: InvalidArgument.
Result<Forwards> parse_forwards(const std::vector<std::string>& texts);
/// Returns {"dynamodb": "http://127.0.0.1:8000"}.
Json forwards_json(const Forwards& forwards);

/// Stores the forwards in a state folder, for engines that are started without an explicit list.
Result<void> store_forwards(const std::filesystem::path& state, const Forwards& forwards);
/// Returns the stored forwards; none, with a line in the log, if the file is invalid.
Forwards load_forwards(const std::filesystem::path& state);

}  // namespace osbot_aws::engine
