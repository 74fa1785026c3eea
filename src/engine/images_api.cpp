#include "engine/images_api.hpp"

#include <fmt/format.h>

#include <osbot_aws/core/Json.hpp>

#include "aws/json_text.hpp"
#include "base/time_text.hpp"
#include "engine/control_json.hpp"

namespace osbot_aws::engine {
namespace {

wire::Response error_response(const Error& error) {
    const int status = error.code == "NotFound" || error.code == "ImageInUse" ? error.http_status : 400;
    return control_json(status, {{"code", error.code}, {"message", error.message}});
}

Json image_json(const services::Image& image) {
    return {{"digest", "sha256:" + image.digest},
            {"names", image.names},
            {"bytes", image.bytes},
            {"imported_at", base::iso8601_z(image.imported_at)}};
}

/// Returns "" for a missing member and nothing for one of another type.
std::optional<std::string> text_member(const Json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end() || found->is_null()) return "";
    return found->is_string() ? std::optional(found->get<std::string>()) : std::nullopt;
}

}  // namespace

void Images_Api::handle(const wire::Request& request, const services::Reply& reply) {
    if (request.method == "POST") return import(request.body.bytes(), reply);
    if (request.method == "DELETE") {
        const auto reference = wire::query_value(wire::parse_query(request.query()), "reference").value_or("");
        if (auto removed = images_.remove(reference); !removed) return reply(error_response(removed.error()));
        return reply(control_json(200, {{"status", "ok"}}));
    }
    if (request.method != "GET")
        return reply(error_response({"BadRequest", request.method + " is not supported for images"}));
    Json images = Json::array();
    for (const services::Image_Ptr& image : images_.list()) images.push_back(image_json(*image));
    reply(control_json(200, {{"images", std::move(images)}}));
}

void Images_Api::import(const std::string& body, const services::Reply& reply) {
    const auto parsed = aws::parse_json_object(body);
    const auto file = text_member(parsed ? *parsed : Json(), "path"),
               name = text_member(parsed ? *parsed : Json(), "name");
    if (!file || !name || !file->starts_with('/'))
        return reply(
            error_response({"BadRequest", R"(the body must be {"path": "/an/absolute/path", "name": "repo:tag"})"}));
    images_.import(*file, *name, [reply](const Result<services::Image_Ptr>& image) {
        if (!image) return reply(error_response(image.error()));
        reply(control_json(201, image_json(**image)));
    });
}

}  // namespace osbot_aws::engine
