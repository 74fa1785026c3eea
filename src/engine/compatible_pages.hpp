#pragma once

#include "engine/init_scripts.hpp"
#include "services/service_api.hpp"
#include "wire/http.hpp"

namespace osbot_aws::engine {

/// Pages at the addresses of LocalStack, for tools that wait for it, such as testcontainers and scripts with curl:
///
///     GET /_localstack/health      {"services": {"s3": "running", ...}, "edition": "osbot", "version"}
///     GET /_localstack/init        {"completed": {"BOOT", "START", "READY", "SHUTDOWN"}, "scripts": [{"stage", "name",
///                                  "state"}]}
///     GET /_localstack/init/ready  {"completed", "scripts"}; the same for boot, start and shutdown
///
/// Source: https://docs.localstack.cloud/references/init-hooks/ and .../internal-endpoints/
wire::Response compatible_page(std::string_view path, const Init_Scripts& scripts);

inline constexpr std::string_view compatible_prefix = "/_localstack/";

}  // namespace osbot_aws::engine
