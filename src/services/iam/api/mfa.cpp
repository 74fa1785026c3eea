// IAM's operations for MFA devices. The codes of devices are not verified.
#include <algorithm>

#include "base/encoding.hpp"
#include "base/random.hpp"
#include "services/iam/api/entity.hpp"
#include "services/iam/api/json.hpp"
#include "services/iam/api/tables.hpp"
#include "services/iam/api/user_of_call.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::size_t devices_per_user_max = 8;
// The quota of users: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
constexpr std::size_t virtual_devices_max = User::kind.count_max;

/// Returns the seed of a new device: the letters and digits of base32, as a blob.
std::string new_seed() {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    constexpr std::size_t characters = 64;
    std::string seed = base::random_bytes(characters);
    for (char& c : seed) c = digits[static_cast<unsigned char>(c) % digits.size()];
    return base::base64_encode(seed);
}

Result<Json> create_device(Iam& iam, const Call& call) {
    const std::string name = call.fields().text_or("VirtualMFADeviceName"), path = call.fields().text_or("Path", "/");
    Mfa_Device created;
    created.account = call.account.id;
    created.partition = call.account.partition();
    if (auto error = bad_iam_name(name, "virtualMFADeviceName")) return *error;
    if (auto error = bad_iam_path(path)) return *error;
    OSBOT_TRY(add_iam_tags(created.tags, call.fields().pairs("Tags"), has_case_sensitive_tags<Mfa_Device>));
    created.serial = call.account.global_arn("iam", fmt::format("mfa{}{}", path, name));
    auto& devices = iam.all<Mfa_Device>();
    if (devices.find_ignoring_case(call.account, created.serial) != nullptr)
        return Error{"EntityAlreadyExists", "MFA device already exists.", 409};
    const auto is_virtual = [](const auto& each) { return each.second.is_virtual; };
    const auto count = static_cast<std::size_t>(std::ranges::count_if(devices.of(call.account), is_virtual));
    if (count >= virtual_devices_max) return iam_limit("VirtualMFADevicesPerAccount", virtual_devices_max);
    created.created_at = iam.now();
    const Mfa_Device& stored = devices.put(std::move(created));
    Json json{{"SerialNumber", stored.serial}, {"Base32StringSeed", new_seed()}};
    add_tags_unless_empty(json, stored.tags);
    return Json{{"VirtualMFADevice", std::move(json)}};
}

Result<Json> delete_device(Iam& iam, const Call& call) {
    OSBOT_TRY(const Mfa_Device* device, named<Mfa_Device>(iam, call));
    if (!device->user_id.empty()) return Error{"DeleteConflict", "Cannot delete a MFA device that is in use.", 409};
    iam.all<Mfa_Device>().erase(*device);
    return Json::object();
}

/// Returns virtual devices, those without a user with their serial number only.
Result<Json> list_virtual_devices(Iam& iam, const Call& call) {
    const std::string status = call.fields().text_or("AssignmentStatus", "Any");
    Iam_Page page(call, "VirtualMFADevices");
    for (const auto& [serial, device] : iam.all<Mfa_Device>().of(call.account)) {
        const bool is_assigned = !device.user_id.empty();
        if (!device.is_virtual || (status == "Assigned" && !is_assigned) || (status == "Unassigned" && is_assigned))
            continue;
        page.add(serial, [&device_ = device, &iam] {
            Json json{{"SerialNumber", device_.serial}};
            if (const User* user = iam.user_by_id(scope_of(device_), device_.user_id)) {
                json["User"] = tagged_user_json(*user);
                json["EnableDate"] = device_.enabled_at;
            }
            return json;
        });
    }
    return std::move(page).output();
}

/// AWS compares the codes with the device's. Two equal codes are never consecutive.
std::optional<Error> bad_codes(const Call& call) {
    if (call.fields().text_or("AuthenticationCode1") != call.fields().text_or("AuthenticationCode2"))
        return std::nullopt;
    return Error{"InvalidAuthenticationCode", "Authentication code for device is not valid", 403};
}

/// Returns the device of the input. One of hardware, which has no ARN, is added when it is enabled.
Result<Mfa_Device*> device_to_enable(Iam& iam, const Call& call) {
    const std::string serial = call.fields().text_or("SerialNumber");
    auto& devices = iam.all<Mfa_Device>();
    if (serial.starts_with("arn:")) return iam.find<Mfa_Device>(call.account, serial);
    if (const Mfa_Device* other = devices.find_ignoring_case(call.account, serial))
        return devices.find(call.account, other->serial);
    Mfa_Device created;
    created.account = call.account.id;
    created.partition = call.account.partition();
    created.serial = serial;
    created.created_at = iam.now();
    created.is_virtual = false;
    return &devices.put(std::move(created));
}

Result<Json> enable_device(Iam& iam, const Call& call) {
    OSBOT_TRY(const User* user, named<User>(iam, call));
    if (auto error = bad_codes(call)) return *error;
    const auto count = std::ranges::count_if(iam.all<Mfa_Device>().of(call.account),
                                             [&](const auto& each) { return each.second.user_id == user->id; });
    if (static_cast<std::size_t>(count) >= devices_per_user_max)
        return iam_limit("MFADevicesPerUser", devices_per_user_max);
    OSBOT_TRY(Mfa_Device * device, device_to_enable(iam, call));
    if (!device->user_id.empty()) return Error{"EntityAlreadyExists", "MFA Device is already in use.", 409};
    device->user_id = user->id;
    device->enabled_at = iam.now();
    iam.all<Mfa_Device>().save(*device);
    return Json::object();
}

/// Returns the device of the input if its user has it.
Result<Mfa_Device*> device_of_user(Iam& iam, const Call& call) {
    OSBOT_TRY(const User* user, user_of_call(iam, call));
    OSBOT_TRY(Mfa_Device * device, named<Mfa_Device>(iam, call));
    if (device->user_id != user->id) return Iam::missing<Mfa_Device>(device->serial);
    return device;
}

Result<Json> deactivate_device(Iam& iam, const Call& call) {
    OSBOT_TRY(Mfa_Device * device, device_of_user(iam, call));
    if (!device->is_virtual) {
        iam.all<Mfa_Device>().erase(*device);
        return Json::object();
    }
    device->user_id.clear();
    device->enabled_at.clear();
    iam.all<Mfa_Device>().save(*device);
    return Json::object();
}

Result<Json> resync_device(Iam& iam, const Call& call) {
    OSBOT_TRY(device_of_user(iam, call));
    if (auto error = bad_codes(call)) return *error;
    return Json::object();
}

Json device_json(const Mfa_Device& device, const User& user) {
    return {{"UserName", user.name}, {"SerialNumber", device.serial}, {"EnableDate", device.enabled_at}};
}

Result<Json> list_devices(Iam& iam, const Call& call) {
    OSBOT_TRY(const User* user, user_of_call(iam, call));
    Iam_Page page(call, "MFADevices");
    for (const auto& [serial, device] : iam.all<Mfa_Device>().of(call.account))
        if (device.user_id == user->id)
            page.add(serial, [&device_ = device, user] { return device_json(device_, *user); });
    return std::move(page).output();
}

Result<Json> get_device(Iam& iam, const Call& call) {
    OSBOT_TRY(const Mfa_Device* device, named<Mfa_Device>(iam, call));
    const User* user = iam.user_by_id(call.account, device->user_id);
    if (call.fields().has("UserName")) {
        OSBOT_TRY(const User* named_user, named<User>(iam, call));
        if (user != named_user) return Iam::missing<Mfa_Device>(device->serial);
    }
    if (user != nullptr) return device_json(*device, *user);
    return Json{{"SerialNumber", device->serial}};
}

}  // namespace

Operations iam_mfa_operations(Iam& iam) {
    return {iam,
            {{"CreateVirtualMFADevice", &create_device},
             {"DeactivateMFADevice", &deactivate_device},
             {"DeleteVirtualMFADevice", &delete_device},
             {"EnableMFADevice", &enable_device},
             {"GetMFADevice", &get_device},
             {"ListMFADeviceTags", &list_entity_tags<Mfa_Device>},
             {"ListMFADevices", &list_devices},
             {"ListVirtualMFADevices", &list_virtual_devices},
             {"ResyncMFADevice", &resync_device},
             {"TagMFADevice", &tag_entity<Mfa_Device>},
             {"UntagMFADevice", &untag_entity<Mfa_Device>}}};
}

}  // namespace osbot_aws::services
