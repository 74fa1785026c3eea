#pragma once

#include <osbot_aws/core/Json.hpp>

#include <optional>
#include <string>
#include <string_view>

#include "engine/lambda/functions.hpp"
#include "server/json_fields.hpp"

namespace osbot_aws::server {

/// A body that may carry a zip of megabytes in a `ZipFile`: parsed without building that string, which would cost five
/// times what decoding it does.
class Body_With_Zip {  // NOLINT(bugprone-exception-escape): it takes the asserts of a moved Json for exceptions
public:
    /// Keeps views of `text`. Errors: as parse_json_object().
    static Result<Body_With_Zip> parse(std::string_view text);

    const Json& json() const { return json_; }
    /// The bytes that `ZipFile` of this part of json() stands for; nothing when it has none.
    /// Errors: SerializationException when it is no base64.
    Result<std::optional<std::string>> zip_of(const Json& part) const;

private:
    Json json_;
    std::string_view cut_out_;  ///< the base64 text where json_ says `taken`
};

/// Without `code.zip`, which the caller takes from `Code.ZipFile` itself.
Result<engine::Create_Function> parse_create_function(const Json& body);
Result<engine::Update_Function_Code> parse_update_function_code(const Json& body);
/// Without its name, which is in the path.
Result<engine::Publish_Layer> parse_publish_layer(const Json& body);
Result<engine::Update_Function_Configuration> parse_update_function_configuration(const Json& body);
Result<engine::Add_Permission> parse_add_permission(const Json& body);
Result<engine::Function_Url_Change> parse_function_url_change(const Json& body);

/// FunctionConfiguration. `qualifier` as it was asked for, for the ARN; a list leaves the states out, as AWS does.
Json configuration_json(const engine::Function& function, std::string_view qualifier = {}, bool in_list = false);
/// Of a list; PublishLayerVersion and GetLayerVersion add `Content`.
Json layer_version_json(const engine::Layer_Version& version);
Json function_url_json(const engine::Function_Url& url, const std::string& function_arn);

}  // namespace osbot_aws::server
