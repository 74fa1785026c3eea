#include <fmt/format.h>

#include <algorithm>
#include <pugixml.hpp>

#include "base/characters.hpp"
#include "base/encoding.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "services/sts/sts.hpp"

namespace osbot_aws::services {
namespace {

constexpr int depth_max = 32;

std::string_view local_name(const pugi::xml_node& node) {
    const std::string_view name = node.name();
    return name.substr(name.find(':') + 1);
}

/// Returns the first element with this name, regardless of its prefix.
pugi::xml_node find_element(const pugi::xml_node& node, std::string_view name, int depth = 0) {
    if (depth > depth_max) return {};
    for (const pugi::xml_node& child : node.children()) {
        if (local_name(child) == name) return child;
        if (const auto found = find_element(child, name, depth + 1)) return found;
    }
    return {};
}

std::string text_in(const pugi::xml_node& node) { return std::string(base::trimmed(node.text().get())); }

/// Returns the value of an attribute of AWS: https://aws.amazon.com/SAML/Attributes/<name>
std::string saml_attribute(const pugi::xml_node& statement, std::string_view name) {
    const std::string full = fmt::format("https://aws.amazon.com/SAML/Attributes/{}", name);
    for (const pugi::xml_node& each : statement.children())
        if (full == each.attribute("Name").value()) return text_in(find_element(each, "AttributeValue"));
    return "";
}

/// Returns the end of an identifier of a format: persistent, transient ...
std::string format_of(std::string_view format) {
    constexpr std::string_view prefix = "urn:oasis:names:tc:SAML:2.0:nameid-format:";
    return std::string(format.starts_with(prefix) ? format.substr(prefix.size()) : format);
}

}  // namespace

Result<Saml_Assertion> read_saml_assertion(const std::string& base64) {
    const Error invalid{"InvalidIdentityToken", "Invalid base64 SAMLResponse", 400};
    const auto text = base::base64_decode(base64);
    pugi::xml_document document;
    if (!text || !document.load_buffer(text->data(), text->size())) return invalid;
    const pugi::xml_node assertion = find_element(document, "Assertion"),
                         statement = find_element(assertion, "AttributeStatement");
    const pugi::xml_node name_id = find_element(assertion, "NameID");
    Saml_Assertion read{.subject = text_in(name_id),
                        .subject_type = format_of(name_id.attribute("Format").value()),
                        .issuer = text_in(find_element(assertion, "Issuer")),
                        .recipient = find_element(assertion, "SubjectConfirmationData").attribute("Recipient").value(),
                        .session = saml_attribute(statement, "RoleSessionName"),
                        .source_identity = saml_attribute(statement, "SourceIdentity"),
                        .duration_s = base::parse_number<int>(saml_attribute(statement, "SessionDuration"))};
    if (!assertion) return Error{"InvalidIdentityToken", "The SAML response has no element Assertion.", 400};
    if (read.session.empty()) return Error{"InvalidIdentityToken", "RoleSessionName is required in AuthnResponse", 400};
    constexpr std::size_t session_characters_max = 64;
    const auto is_valid = [](char c) { return base::is_alphanumeric(c) || std::string_view("_+=,.@-").find(c) < 7; };
    if (read.session.size() > session_characters_max || !std::ranges::all_of(read.session, is_valid))
        return Error{"InvalidIdentityToken", "RoleSessionName in AuthnResponse must match [\\w+=,.@-]{2,64}", 400};
    return read;
}

}  // namespace osbot_aws::services
