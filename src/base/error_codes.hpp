// Codes of the errors that callers distinguish: they retry them, ignore them or set an exit code. Other codes appear
// only where they are returned.
#pragma once

namespace osbot_aws::codes {

// Connections, named as in botocore.
constexpr const char* connect_timeout = "ConnectTimeoutError";
constexpr const char* connection_closed = "ConnectionClosedError";
constexpr const char* endpoint_connection = "EndpointConnectionError";
constexpr const char* proxy_connection = "ProxyConnectionError";
constexpr const char* read_timeout = "ReadTimeoutError";

// AWS.
constexpr const char* access_denied = "AccessDenied";
constexpr const char* bucket_already_owned = "BucketAlreadyOwnedByYou";
constexpr const char* entity_already_exists = "EntityAlreadyExists";
constexpr const char* no_such_entity = "NoSuchEntity";
constexpr const char* resource_conflict = "ResourceConflictException";
constexpr const char* resource_not_found = "ResourceNotFoundException";

// This library and its command.
constexpr const char* bad_elf = "BadElf";
constexpr const char* configuration_error = "ConfigurationError";
constexpr const char* daemon_not_running = "DaemonNotRunning";
constexpr const char* handler_not_found = "HandlerNotFound";
constexpr const char* invalid_requirements = "InvalidRequirements";
constexpr const char* queue_does_not_exist = "QueueDoesNotExist";

}  // namespace osbot_aws::codes
