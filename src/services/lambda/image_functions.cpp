// Functions that are container images: https://docs.aws.amazon.com/lambda/latest/dg/images-create.html
#include "services/lambda/deployment.hpp"

#include <fmt/format.h>

#include "base/random.hpp"
#include "services/lambda/function_rules.hpp"

namespace osbot_aws::services {

std::optional<Error> Deployment::missing_image(const Function& function) const {
    const std::string& digest = function.code_sha256_base64;
    if (!function.is_image() || (!digest.empty() && dependencies_.image("sha256:" + digest))) return std::nullopt;
    return Error{std::string(image_access_denied),
                 fmt::format("The image {0} is not in this engine's store. Import it from a file, and the function "
                             "becomes active: osbot local image import FILE --name {1}   (docker save {1} -o FILE)",
                             function.image_uri, local_image_name(function.image_uri))};
}

std::vector<std::string> Deployment::image_users(const std::string& digest) const {
    std::vector<std::string> users;
    const auto runs = [&](const Function_Ptr& function) {
        return function && function->is_image() && function->code_sha256_base64 == digest;
    };
    parts_.registry.for_each([&](const Function_Record& record) {
        bool uses = runs(record.latest) || runs(record.serving);
        for (const auto& [number, version] : record.versions) uses = uses || runs(version);
        if (uses) users.push_back(record.latest->name);
    });
    return users;
}

void Deployment::image_imported() {
    const auto waits = [&](const Function_Ptr& function) {
        return function->is_image() && function->state == "Failed" &&
               function->state_reason_code == image_access_denied && dependencies_.image(function->image_uri);
    };
    const auto pending_again = [&](const Function_Ptr& function) {
        auto copy = std::make_shared<Function>(*function);
        copy->code_sha256_base64 = dependencies_.image(function->image_uri)->digest;
        copy->state = "Pending";
        copy->state_reason = "The function is being created.";
        copy->state_reason_code = "Creating";
        copy->revision_id = base::uuid4();
        return copy;
    };
    parts_.registry.for_each([&](Function_Record& record) {
        bool has_changed = false;
        for (auto& [number, version] : record.versions) {  // they do not depend on $LATEST, which may be active
            if (!waits(version)) continue;
            const auto again = pending_again(version);
            version = again->snap_starts() ? again : prepared(*again, std::nullopt);
            has_changed = true;
        }
        if (waits(record.latest)) {
            record.latest = pending_again(record.latest);
            prepare(record);
            has_changed = true;
        }
        if (!has_changed) return;
        parts_.registry.save(record);
        take_snapshots(record);
    });
}

}  // namespace osbot_aws::services
