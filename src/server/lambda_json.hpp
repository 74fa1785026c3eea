#pragma once

#include <osbot_aws/core/Json.hpp>

#include <optional>
#include <string>
#include <string_view>

#include "engine/lambda/functions.hpp"
#include "server/json_fields.hpp"

namespace osbot_aws::server {

/// A body that may contain a zip of several megabytes as `ZipFile`. It is parsed without building that string, which
/// would take five times as long as decoding it.
class Body_With_Zip {  // NOLINT(bugprone-exception-escape): it takes the asserts of a moved Json for exceptions
public:
    /// Parses a body. The object has views of `text`. Errors: those of parse_json_object().
    static Result<Body_With_Zip> parse(std::string_view text);

    const Json& json() const { return json_; }
    /// Returns the decoded `ZipFile` of this part of json(), or nullopt if it has none.
    /// Errors: SerializationException if it is not base64.
    Result<std::optional<std::string>> zip_of(const Json& part) const;

private:
    Json json_;
    std::string_view zip_base64_;  ///< the base64 text that `placeholder` replaces in json_
};

/// Parses a CreateFunction request without `code.zip`, which the caller decodes from `Code.ZipFile`.
Result<engine::Create_Function> parse_create_function(const Json& body);
Result<engine::Update_Function_Code> parse_update_function_code(const Json& body);
/// Parses a PublishLayerVersion request without the name, which is in the path.
Result<engine::Publish_Layer> parse_publish_layer(const Json& body);
Result<engine::Update_Function_Configuration> parse_update_function_configuration(const Json& body);
Result<engine::Add_Permission> parse_add_permission(const Json& body);
Result<engine::Function_Url_Change> parse_function_url_change(const Json& body);

/// Returns a FunctionConfiguration. `qualifier` is that of the request and is used for the ARN. Lists omit the states,
/// as on AWS.
Json configuration_json(const engine::Function& function, std::string_view qualifier = {}, bool in_list = false);
/// Returns a layer version in the format of lists; PublishLayerVersion and GetLayerVersion add `Content`.
Json layer_version_json(const engine::Layer_Version& version);
Json function_url_json(const engine::Function_Url& url, const std::string& function_arn);

}  // namespace osbot_aws::server
